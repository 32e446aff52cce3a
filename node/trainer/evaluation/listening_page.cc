#include "node/trainer/evaluation/listening_page.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace consort::trainer {
namespace {

constexpr char kStyle[] = R"(
:root { color-scheme: light dark; --line: #8886; --soft: #777; }
body { font: 16px/1.6 system-ui, "Noto Sans", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif;
  margin: 2rem auto; max-width: 70rem; padding: 0 1.2rem; }
h1 { font-size: 1.6rem; line-height: 1.3; margin-bottom: .4rem; }
h2 { border-top: 1px solid var(--line); font-size: 1.3rem; margin-top: 2.4rem; padding-top: 1rem; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .5rem; }
.both { display: grid; gap: 0 2.5rem; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); }
.both p { margin: .4rem 0; }
.players { display: grid; gap: .8rem 1.2rem; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); }
.players figure { margin: 0; }
figcaption { font-weight: 600; }
audio { display: block; margin-top: .3rem; width: 100%; }
img { background: #fff; border: 1px solid var(--line); border-radius: 4px; display: block; height: auto;
  margin-top: .9rem; width: 100%; }
.soft { color: var(--soft); font-weight: 400; }
)";

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

// RFC 3986, section 2: every byte but the unreserved ones as %XX.
std::string UrlOf(absl::string_view file_name) {
  std::string url;
  for (const char c : file_name) {
    const bool plain = absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      url.push_back(c);
    } else {
      absl::StrAppendFormat(&url, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return url;
}

std::string Paragraphs(const std::vector<std::pair<const char*, const char*>>& texts) {
  std::string english, chinese;
  for (const auto& [en, zh] : texts) {
    absl::StrAppend(&english, "<p>", en, "</p>\n");
    absl::StrAppend(&chinese, "<p>", zh, "</p>\n");
  }
  return absl::StrCat("<div class=\"both\">\n<div lang=\"en\">\n", english, "</div>\n<div lang=\"zh-CN\">\n",
                      chinese, "</div>\n</div>\n");
}

std::string Introduction() {
  return Paragraphs({
      {"You hear stretches of recordings that were held out: the model never learnt from them. "
       "<b>Original</b> is the "
       "recording; <b>before</b> and <b>after</b> are how the model says it again with what it knew when the "
       "job "
       "began and with what it knows after this round.",
       "以下片段均取自留出录音，模型从未用它们训练。<b>原始录音</b>是录音本身；<b>微调前</b>和<b>微调后</b>"
       "是模型对同一片段的重新合成，分别使用任务开始时的模型和本轮结束后的模型。"},
      {"Listen for what matters in your tradition: is the melody still there? Do slides, vibrato and "
       "ornaments "
       "survive? Does the instrument sound like itself? Is there noise that the original lacks?",
       "请留意贵馆所藏传统最看重的地方：旋律是否还在？滑音、颤音和装饰音是否保留？乐器的音色是否仍是它自己？"
       "有没有原始录音中没有的杂音？"},
      {"In the pictures time runs from left to right and pitch from low to high (mel scale); the brighter, "
       "the louder. "
       "0 dB is the loudest of the original, and the same colour means the same loudness in all three.",
       "图中横轴为时间，纵轴为频率（梅尔刻度，由低到高），颜色越亮，声音越强。0 dB 为原始录音中的最强处；"
       "三幅图使用同一色标，颜色相同即强度相同。"},
      {"These files lie on this computer only. Nothing on this page was sent, and opening it sends nothing.",
       "这些文件只保存在本机。本页内容从未外传，打开本页也不会发送任何数据。"},
  });
}

std::string Player(const ListeningExample& example, const char* part, const char* english,
                   const char* chinese) {
  return absl::StrFormat(
      "<figure><figcaption>%s <span class=\"soft\" lang=\"zh-CN\">%s</span></figcaption>"
      "<audio controls preload=\"none\" src=\"%s\"></audio></figure>\n",
      english, chinese, UrlOf(absl::StrCat(example.stem, "-", part, ".wav")));
}

std::string Section(const ListeningExample& example) {
  return absl::StrCat(
      absl::StrFormat("<h3>%d <span class=\"soft\">%.1f s</span></h3>\n<div class=\"players\">\n",
                      example.number, example.seconds),
      Player(example, "original", "Original", "原始录音"), Player(example, "before", "Before", "微调前"),
      Player(example, "after", "After", "微调后"), "</div>\n",
      absl::StrFormat("<img src=\"%s\" alt=\"Spectrograms of original, before and after · "
                      "原始录音、微调前、微调后的频谱图\" "
                      "loading=\"lazy\">\n",
                      UrlOf(absl::StrCat(example.stem, "-pictures.png"))));
}

}  // namespace

std::string ListeningPage(absl::string_view job_name, int round,
                          const std::vector<ListeningExample>& examples) {
  const std::string job = Escaped(job_name);
  std::string page = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
      job, " · ", round, "</title>\n<style>", kStyle, "</style>\n</head>\n<body>\n<h1>", job,
      "<br><span class=\"soft\">Before and after, round ", round, " · <span lang=\"zh-CN\">微调前后试听，第 ",
      round, " 轮</span></span></h1>\n", Introduction());
  std::string tradition;
  for (const ListeningExample& example : examples) {
    if (example.tradition != tradition || &example == &examples.front()) {
      tradition = example.tradition;
      absl::StrAppend(&page, "<h2>", Escaped(tradition), "</h2>\n");
    }
    page += Section(example);
  }
  return absl::StrCat(page, "</body>\n</html>\n");
}

}  // namespace consort::trainer
