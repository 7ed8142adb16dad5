/** The style of a report: light and dark as the reader's system has it, and print. XML holds it as it stands: no `<` and no `&`. */

type Theme = Readonly<Record<string, string>>;

/** Shades of a matrix from nothing to all, each with the colour of a text that can be read on it. */
const shades = {
  light: ['#f3f6fb', '#dfe9f6', '#c8dbf1', '#aecbe9', '#90b8e0', '#6fa3d6', '#5590cb', '#2f69ab', '#1f5592', '#10427d'],
  dark: ['#20252c', '#22303f', '#243c54', '#27496b', '#2b5884', '#316597', '#5592cb', '#69a2d6', '#88b9e6', '#abd0f1'],
};
/** Changes for the better and for the worse, from slight to great. */
const changes = {
  light: { better: ['#e3f0fb', '#bcd9f3', '#8dbce8', '#62a1dd'], worse: ['#fdebdc', '#f9cfa8', '#f0a868', '#e0853f'] },
  dark: { better: ['#1d2a38', '#213c57', '#255179', '#2b6494'], worse: ['#33271c', '#4d3419', '#6b430f', '#85520b'] },
};
/** Lines and groups, told apart by most kinds of colour sight; their names stand beside them, too. */
const groups = {
  light: ['#1f5fbf', '#c2410c', '#15803d', '#7e22ce', '#a16207', '#0e7490', '#be123c', '#4d4d4d', '#6d6a00', '#9d3f8f'],
  dark: ['#7fb0ff', '#ff9d5c', '#5fd38d', '#c9a2ff', '#e5c558', '#5fd0de', '#ff8fa8', '#bdbdbd', '#c9c86a', '#f09bdf'],
};

const themes: Readonly<Record<'light' | 'dark', Theme>> = {
  light: {
    page: '#f6f6f3', card: '#ffffff', text: '#1b1e22', muted: '#575e68', line: '#dddfda', grid: '#e8e9e5', accent: '#1f5fbf', tint: '#e2f1e6',
    pass: '#14613a', 'pass-back': '#dcf2e4', fail: '#9c1c15', 'fail-back': '#fce3e0', open: '#704700', 'open-back': '#fbeecf',
  },
  dark: {
    page: '#13161a', card: '#1b1f24', text: '#e7eaee', muted: '#a6aeb8', line: '#343a42', grid: '#2a2f36', accent: '#84b4ff', tint: '#1d3327',
    pass: '#7fdda5', 'pass-back': '#17331f', fail: '#ff9e95', 'fail-back': '#401b18', open: '#f1c46a', 'open-back': '#3a2c0d',
  },
};

const variables = (theme: 'light' | 'dark'): string => {
  const onShade = (i: number): string => (theme === 'light' ? (i < 7 ? '#111820' : '#ffffff') : i < 6 ? '#f1f4f8' : '#0d1218');
  const all = {
    ...themes[theme],
    ...Object.fromEntries(shades[theme].flatMap((fill, i) => [[`s${i}`, fill], [`on-s${i}`, onShade(i)]])),
    ...Object.fromEntries(Object.entries(changes[theme]).flatMap(([name, fills]) => fills.map((fill, i) => [`${name}${i + 1}`, fill]))),
    ...Object.fromEntries(groups[theme].map((colour, i) => [`g${i}`, colour])),
  };
  return Object.entries(all).map(([name, value]) => `--${name}:${value}`).join(';');
};

const perShade = Array.from({ length: 10 }, (_, i) => `.s${i} rect{fill:var(--s${i})}.s${i} text{fill:var(--on-s${i})}`).join('');
const perChange = ['better', 'worse'].flatMap((name) => [1, 2, 3, 4].map((i) => `.${name}${i} rect{fill:var(--${name}${i})}.${name}${i} text{fill:var(--text)}`)).join('');
const perGroup = Array.from({ length: 10 }, (_, i) => `.line.g${i},.cloud.g${i}{stroke:var(--g${i})}.dot.g${i}{fill:var(--g${i})}.chart .t${i}{fill:var(--g${i})}`).join('');
const perVerdict = [['pass', 'pass'], ['fail', 'fail'], ['inconclusive', 'open']].map(([name, colour]) => `.verdict.${name}{color:var(--${colour});background:var(--${colour}-back)}.tile.${name}{border-top-color:var(--${colour})}`).join('');

export const style = `
:root{color-scheme:light;${variables('light')}}
@media (prefers-color-scheme:dark){:root{color-scheme:dark;${variables('dark')}}}
@media print{:root{color-scheme:light;${variables('light')};--page:#ffffff}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
a{color:var(--accent)}
.skip{position:absolute;left:-999px}.skip:focus{left:12px;top:8px;background:var(--card);padding:6px 12px;z-index:1}
main{max-width:1010px;margin:0 auto;padding:36px 24px 80px}
nav{display:none}
@media (min-width:1320px){
nav{display:block;position:fixed;top:0;bottom:0;left:0;width:260px;overflow-y:auto;padding:40px 12px 40px 24px;border-right:1px solid var(--line);font-size:14px;line-height:1.4}
main{margin-left:max(284px,calc((100vw - 1010px)/2 + 60px))}
}
nav ol{list-style:none;margin:0;padding:0}nav ol ol{padding-left:14px}
nav a{display:block;padding:4px 0;color:var(--muted);text-decoration:none;overflow-wrap:anywhere}nav a:hover{color:var(--accent);text-decoration:underline}
.nav-title{margin:0 0 8px;font-weight:650}
header{margin-bottom:36px}
h1{font-size:34px;line-height:1.2;margin:0 0 10px;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:24px;line-height:1.25;margin:52px 0 12px;padding-top:16px;border-top:2px solid var(--line);letter-spacing:-.01em;overflow-wrap:anywhere}
h3{font-size:18px;margin:34px 0 8px;overflow-wrap:anywhere}
h4{font-size:16px;margin:24px 0 6px}
p,ul{margin:8px 0;max-width:78ch}
li{margin:5px 0}
main p,main li{overflow-wrap:anywhere}td,th{overflow-wrap:break-word}
.about{color:var(--muted);margin:2px 0}
code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}td.tight,th.tight{white-space:nowrap}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:14px;margin-top:24px}
.tile{background:var(--card);border:1px solid var(--line);border-top:4px solid var(--line);border-radius:8px;padding:12px 16px 14px}
.tile p{margin:0}.tile .label{color:var(--muted);font-size:14px}.tile .value{font-size:25px;font-weight:650;line-height:1.35;font-variant-numeric:tabular-nums}.tile .note{color:var(--muted);font-size:14px;line-height:1.4}
.tile .verdict{font-size:20px}
.verdict{display:inline-block;padding:1px 9px;border-radius:99px;font-size:13px;font-weight:650;white-space:nowrap;letter-spacing:.02em}
${perVerdict}
.scroll{overflow-x:auto;margin:16px 0;background:var(--card);border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:14.5px;line-height:1.45}
caption{text-align:left;padding:11px 14px 9px;font-weight:600}caption span{display:inline-block;position:sticky;left:14px;max-width:min(78ch,calc(100vw - 60px))}
th,td{text-align:left;vertical-align:top;padding:7px 14px;border-top:1px solid var(--line)}
thead th{color:var(--muted);font-weight:500;font-size:13.5px}
tbody th{font-weight:500}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
figure{margin:18px 0;padding:14px 16px;background:var(--card);border:1px solid var(--line);border-radius:8px}
figcaption{max-width:86ch;margin-bottom:8px}
.beside{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:22px}.beside.points{grid-template-columns:repeat(auto-fit,minmax(min(100%,270px),1fr))}
.chart-title{margin:8px 0 2px;font-weight:600;font-size:14.5px}
.chart{display:block;max-width:100%;height:auto}.chart text{font-family:inherit;font-size:12.5px;fill:var(--text)}
.chart .tick,.chart .axis-title,.chart .hint{fill:var(--muted)}.chart .hint{font-size:12px}
.grid{stroke:var(--grid)}.axis{stroke:var(--muted)}
.line{fill:none;stroke-width:2.2;stroke-linejoin:round}.line.g1{stroke-dasharray:7 4}.line.g2{stroke-dasharray:2 4;stroke-linecap:round}.line.g3{stroke-dasharray:11 4 2 4}
.whisker{stroke:var(--text);stroke-width:1.6}.diagonal{stroke:var(--muted);stroke-dasharray:4 4}.gap{stroke:var(--accent);stroke-width:7;opacity:.28}
.cloud{fill:none;stroke-width:4.5;stroke-linecap:round;stroke-opacity:.62}.plot{fill:none;stroke:var(--line)}
.chart .centre{font-weight:650;font-size:13px;paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
.bullet{min-width:110px}.bullet .good{fill:var(--tint)}.bullet .bar{stroke:var(--muted);stroke-width:2}.bullet .dot{fill:var(--accent)}
.run circle{fill:var(--g0)}.run.pass circle{fill:var(--pass)}.run.fail circle{fill:var(--fail)}.run.inconclusive circle{fill:var(--open)}.change{stroke:var(--muted);stroke-dasharray:2 3}
${perShade}${perChange}${perGroup}
details{margin-top:8px}summary{cursor:pointer;color:var(--muted);font-size:14px}
.items{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:16px}
.item{border:1px solid var(--line);border-radius:8px;padding:12px}.item p{margin:2px 0;font-size:14px;line-height:1.4}
.item img{display:block;width:96px;height:96px;object-fit:contain;image-rendering:pixelated;background:#000;border-radius:4px;margin-bottom:8px}
.item .item-title{font-weight:600}
blockquote{margin:0 0 8px;padding:0 0 0 10px;border-left:3px solid var(--line);font-size:14.5px;line-height:1.45;overflow-wrap:anywhere;white-space:pre-wrap}
@media (max-width:640px){main{padding:20px 14px 60px}h1{font-size:27px}th,td{padding:6px 10px}
table code:not(.name){display:inline-block;min-width:15em}
.told thead{display:none}.told tr{display:grid;grid-template-columns:1fr auto;border-top:1px solid var(--line)}.told th,.told td{border-top:0}.told td:last-child{grid-column:1/-1;padding-top:0}
}
@media print{
@page{margin:14mm}
body{font-size:10pt}table{font-size:9pt}code{font-size:8pt}th,td{padding:4px 9px}main{max-width:none;margin:0;padding:0}nav,.skip,details{display:none}
h2{break-after:avoid;margin-top:26pt}h3,h4,figcaption{break-after:avoid}
.one,.item,.tile,tr,p,.charts{break-inside:avoid}caption,thead{break-after:avoid}tbody tr:first-child,tbody tr:nth-child(2){break-before:avoid}
.scroll{overflow:visible}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
.beside{grid-template-columns:repeat(2,1fr)}.beside.points{grid-template-columns:repeat(3,1fr)}
}
`;
