#include "common/explain/report_style.h"

namespace consort::explain {

absl::string_view ReportStyle() {
  return R"css(
:root{--ink:#1c2330;--soft:#5b6472;--rule:#dcd8cf;--paper:#fdfcf9;--card:#ffffff;--accent:#1f5c63;
--improved:#24715a;--unclear:#78746a;--harmed:#b3261e}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.6 system-ui,"Segoe UI","Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:940px;margin:0 auto;padding:40px 32px 72px}
h1,h2{font-family:Georgia,"Noto Serif","Noto Serif CJK SC","Songti SC",SimSun,serif;font-weight:600;line-height:1.25}
h1{font-size:2.1rem;margin:.15em 0 .3em;overflow-wrap:anywhere}
h2{font-size:1.35rem;margin:2.6em 0 .5em;padding-bottom:.3em;border-bottom:1px solid var(--rule)}
h3{font-size:1rem;margin:1.6em 0 .4em}
p{margin:.5em 0 1em;max-width:68ch}
.kicker{color:var(--accent);font-size:.82rem;letter-spacing:.09em;text-transform:uppercase;margin:0}
.soft{color:var(--soft)}.small{font-size:.86rem}
.pick{position:absolute;opacity:0;pointer-events:none}
.switch{display:flex;justify-content:flex-end;gap:4px;font-size:.9rem}
.switch label{padding:4px 14px;border:1px solid var(--rule);border-radius:99px;cursor:pointer;color:var(--soft)}
article{display:none}
#pick-en:checked~article.en,#pick-zh:checked~article.zh{display:block}
#pick-en:checked~.switch label[for=pick-en],#pick-zh:checked~.switch label[for=pick-zh]{background:var(--accent);
border-color:var(--accent);color:#fff}
#pick-en:focus-visible~.switch label[for=pick-en],#pick-zh:focus-visible~.switch label[for=pick-zh]{outline:2px solid
var(--ink);outline-offset:2px}
.verdict{border:1px solid var(--rule);border-left:6px solid var(--unclear);background:var(--card);border-radius:4px;
padding:16px 20px;margin:20px 0;font-size:1.08rem}
.verdict p{margin:.2em 0}
.verdict.improved{border-left-color:var(--improved)}
.verdict.harmed{border-color:var(--harmed);border-left-color:var(--harmed);background:#fdf1ef}
.verdict.harmed strong{color:var(--harmed)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0}
.facts div{background:var(--card);border:1px solid var(--rule);border-radius:4px;padding:10px 14px}
.facts b{display:block;font-size:1.3rem;font-weight:600;font-variant-numeric:tabular-nums}
.facts span{color:var(--soft);font-size:.84rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums;margin:.6em 0 1em}
th{text-align:left;font-weight:600;color:var(--soft);font-size:.82rem;border-bottom:1.5px solid var(--ink);
padding:6px 12px 6px 0;vertical-align:bottom}
td{border-bottom:1px solid var(--rule);padding:7px 12px 7px 0;vertical-align:top}
td:last-child,th:last-child{padding-right:0}
.number{text-align:right}td.number{white-space:nowrap}
td:first-child,td:nth-child(2):has(+.number){white-space:nowrap}
.mark{display:inline-block;border-radius:99px;padding:1px 10px;font-size:.84rem;color:#fff;white-space:nowrap;
background:var(--unclear)}
.mark.improved{background:var(--improved)}.mark.harmed{background:var(--harmed)}
tr.harmed td{background:#fdf1ef;color:var(--harmed)}
.bad{color:var(--harmed)}
.leaf{font:.74rem/1 ui-monospace,"DejaVu Sans Mono",Consolas,monospace;color:var(--accent);border:1px solid #bcd0d2;
border-radius:3px;padding:1px 4px;white-space:nowrap}
code,pre{font-family:ui-monospace,"DejaVu Sans Mono",Consolas,monospace;font-size:.84rem}
code{overflow-wrap:anywhere}
pre{background:#f3f1ea;border-radius:4px;padding:12px 14px;white-space:pre-wrap;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(150px,14em) 1fr;gap:4px 18px;margin:.6em 0 1em;font-size:.94rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.chart{display:block;width:100%;height:auto;margin:12px 0}
.chart text{font-family:inherit}
.chart .label{font-size:14px;fill:var(--ink)}.chart .tick{font-size:12px;fill:var(--soft)}
.chart .grid{stroke:#e6e2d8}.chart .base{stroke:#aaa596;stroke-dasharray:3 3}
.chart .before{fill:var(--paper);stroke:#6d6a61;stroke-width:2}
.chart .move{stroke-width:2;stroke:var(--unclear)}.chart .after{fill:var(--unclear)}
.chart .band{fill:var(--unclear);opacity:.22}
.chart .improved.move{stroke:var(--improved)}.chart .harmed.move{stroke:var(--harmed)}
.chart .improved.after,.chart .improved.band{fill:var(--improved)}
.chart .harmed.after,.chart .harmed.band{fill:var(--harmed)}
.chart .bar{fill:var(--accent)}
.chart .series{fill:none;stroke-width:2.2}
.chart .s0{stroke:#1f5c63}.chart .s1{stroke:#a8641c}.chart .s2{stroke:#5c4a8a}.chart .s3{stroke:#4d7a2c}
footer{margin-top:48px;padding-top:12px;border-top:1px solid var(--rule);color:var(--soft);font-size:.84rem}
@media screen and (max-width:720px){main{padding:24px 16px 48px}dl{grid-template-columns:1fr;gap:0}
dd{margin:0 0 .6em}.wide .chart{min-width:640px}
thead{display:none}table,tbody,tr,td{display:block}tr{border-bottom:1px solid var(--rule);padding:8px 0}
td,td.number,td:first-child,td:nth-child(2):has(+.number){display:flow-root;border:0;padding:2px 0 2px 44%;
text-align:left;white-space:normal}
td::before{content:attr(data-title);float:left;width:73%;margin-left:-78.57%;color:var(--soft)}}
@media print{body{background:#fff;font-size:10.5pt}main{max-width:none;padding:0}.switch{display:none}
h2{break-after:avoid}table,.chart,.verdict,.facts,dl{break-inside:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
)css";
}

}  // namespace consort::explain
