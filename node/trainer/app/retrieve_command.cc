#include "node/trainer/app/retrieve_command.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/exit_code.h"
#include "common/status/macros.h"
#include "node/trainer/app/example_files.h"
#include "node/trainer/families/descriptor_mixture.h"
#include "node/trainer/families/retrieval.h"

namespace consort::trainer {
namespace {

struct Options {
  std::string model, examples, like, tradition;
  int count = 10;
  std::string output = "table";
};

// What is looked for, and where in the recording each of it is.
struct Query {
  std::vector<Wanted> wanted;
  std::vector<int64_t> seconds;  // empty for a tradition
};

absl::StatusOr<Query> QueryOf(const Options& options, const MixtureState& state) {
  ASSIGN_OR_RETURN(const std::vector<MixtureComponent> mixture, KnownMixture(state, options.tradition));
  Query query;
  if (!options.tradition.empty()) {
    query.wanted = WantedTypical(mixture);
    return query;
  }
  ASSIGN_OR_RETURN(const std::vector<float> audio, ReadSound(options.like));
  ASSIGN_OR_RETURN(const std::vector<PlacedSegment> segments, PlaceSegments(audio, kExampleRateHz));
  if (segments.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("no-usable-recording: no second of the recording sounds: ", options.like));
  }
  std::vector<SegmentPoint> points;
  for (const PlacedSegment& segment : segments) {
    points.push_back(segment.point);
    query.seconds.push_back(segment.second);
  }
  query.wanted = WantedLike(points, MixturesOf(state));
  return query;
}

std::string Clock(int64_t second) { return absl::StrFormat("%d:%02d", second / 60, second % 60); }

void PrintTable(const Query& query, const Examples& examples, const std::vector<UnitNeighbour>& found) {
  const bool like = !query.seconds.empty();
  absl::PrintF("%8s  %7s  %9s  %-20s  %-20s  %s\n", "distance", "at", like ? "like" : "component",
               "agrees in", "differs in", "example");
  for (const UnitNeighbour& one : found) {
    const ExampleLibrary::Unit& unit = examples.library->units()[one.unit];
    const std::string near = like ? Clock(query.seconds[one.wanted]) : absl::StrCat(one.wanted + 1);
    absl::PrintF("%8.2f  %7s  %9s  %-20s  %-20s  %s\n", one.distance, Clock(unit.second), near,
                 SegmentDescriptors()[one.closest].name, SegmentDescriptors()[one.farthest].name,
                 examples.names[unit.example]);
  }
}

void PrintJson(const Query& query, const Examples& examples, const std::vector<UnitNeighbour>& found) {
  nlohmann::ordered_json units = nlohmann::ordered_json::array();
  for (const UnitNeighbour& one : found) {
    const ExampleLibrary::Unit& unit = examples.library->units()[one.unit];
    nlohmann::ordered_json row = {{"example", examples.names[unit.example]},
                                  {"second", unit.second},
                                  {"distance", std::round(one.distance * 1e4) / 1e4}};
    if (query.seconds.empty()) {
      row["component"] = one.wanted + 1;
    } else {
      row["like_second"] = query.seconds[one.wanted];
    }
    row["agrees_in"] = SegmentDescriptors()[one.closest].name;
    row["differs_in"] = SegmentDescriptors()[one.farthest].name;
    units.push_back(std::move(row));
  }
  const nlohmann::ordered_json document = {{"examples", examples.names.size()},
                                           {"units", examples.library->units().size()},
                                           {"nearest", std::move(units)}};
  // A file name need not be UTF-8.
  absl::PrintF("%s\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

absl::Status Retrieve(const Options& options) {
  ASSIGN_OR_RETURN(const MixtureState state, ReadMixture(options.model));
  ASSIGN_OR_RETURN(const Query query, QueryOf(options, state));
  ASSIGN_OR_RETURN(const Examples examples, ReadExamples(options.examples, options.like));
  const std::vector<UnitNeighbour> found =
      NearestUnits(examples.library->points(), query.wanted, static_cast<size_t>(options.count));
  (options.output == "json" ? PrintJson : PrintTable)(query, examples, found);
  return absl::OkStatus();
}

void Declare(CLI::App& app, Options& options) {
  app.add_option("--model", options.model, "state of a descriptor-mixture, safetensors")->required();
  app.add_option("--examples", options.examples, "folder of recordings that the archive has released")
      ->required();
  auto* what = app.add_option_group("what to look for", "one of them");
  what->add_option("--like", options.like, "a recording; if it is among the examples it is left out");
  what->add_option("--tradition", options.tradition, "a tradition that the model knows");
  what->require_option(1);
  app.add_option("--count", options.count, "so many seconds, nearest first")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_option("-o,--output", options.output)
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  app.footer(absl::StrCat(
      "A distance of 0 is the same; of 1, as far as sounds of one kind lie apart: differences count by how\n"
      "much a descriptor varies in the model. \"like\" says which second of the recording is meant,\n"
      "\"component\" which Gaussian of the tradition. Reads files of this machine and sends nothing.\n"
      "Example: consort-trainer retrieve --model mixture.safetensors --examples /srv/released --like "
      "tune.flac\n"
      "Example: consort-trainer retrieve --model mixture.safetensors --examples /srv/released \\\n"
      "  --tradition uk-folk -o json\n",
      ExitCodeHelp()));
}

}  // namespace

int RetrieveMain(int argc, char** argv) {
  Options options;
  CLI::App app("Finds the seconds of released examples that sound like a recording or a tradition.",
               "consort-trainer retrieve");
  Declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? static_cast<int>(ExitCode::kOk) : static_cast<int>(ExitCode::kUsage);
  }
  const absl::Status status = Retrieve(options);
  if (!status.ok()) absl::FPrintF(stderr, "consort-trainer retrieve: %s\n", status.message());
  return static_cast<int>(ExitCodeOf(status));
}

}  // namespace consort::trainer
