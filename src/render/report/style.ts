/** The page's style sheet. Colours are pairs for light and dark, each text at least 4.5:1 on its ground. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fbfaf7;--card:#fff;--ink:#1f1c18;--quiet:#655f56;--rule:#e5e0d6;--accent:#0b6257;--soft:#e3efec;--warn:#8a3b12;--warnsoft:#fbe9dd;
--h0:#2f7f78;--h1:#b0662a;--h2:#5b6bb0;--h3:#8d4f86;--w1:#fdf0c8;--w2:#fbdcb6;--w3:#f8cbc0;--shadow:0 1px 2px #0000000f,0 8px 24px #0000000d;
--serif:"Charter","Bitstream Charter","Iowan Old Style","Source Serif 4","Palatino Linotype",Georgia,"Noto Serif","Liberation Serif",serif;
--sans:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Helvetica,Arial,sans-serif}
@media screen and (prefers-color-scheme:dark){:root{--ground:#14161a;--card:#1c1f25;--ink:#ece8e0;--quiet:#a8a298;--rule:#30343c;--accent:#7fd1c5;--soft:#1d302e;--warn:#f3b48f;--warnsoft:#3a2418;
--h0:#4fa39b;--h1:#cf8850;--h2:#8492d6;--h3:#b678af;--w1:#4a4119;--w2:#5a3a14;--w3:#652a22;--shadow:0 1px 2px #0006,0 8px 24px #0003}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1.5rem;-webkit-text-size-adjust:100%}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
html:has(.long){scroll-behavior:auto}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.6 var(--sans);overflow-wrap:break-word}
a{color:var(--accent);text-underline-offset:.18em;text-decoration-thickness:1px}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:4px}
img{display:block;max-width:100%;height:auto;border-radius:8px;background:var(--rule)}
h1,h2,h3{font-family:var(--serif);font-weight:600;line-height:1.2;text-wrap:balance;margin:0}
h2{font-size:1.5rem;margin-bottom:1.25rem}
ol,ul{list-style:none;margin:0;padding:0}
.quiet{color:var(--quiet)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.when{font-variant-numeric:tabular-nums;color:var(--quiet);font-size:.875rem;white-space:nowrap}
.skip{position:absolute;left:1rem;top:-4rem;background:var(--card);padding:.6rem 1rem;border-radius:0 0 8px 8px;z-index:2}
.skip:focus{top:0}
.h0{--hue:var(--h0)}.h1{--hue:var(--h1)}.h2{--hue:var(--h2)}.h3{--hue:var(--h3)}
.head,main>section,.foot{width:min(70rem,100% - 2.5rem);margin-inline:auto}
.head{padding:3.5rem 0 2.75rem}
main>section{padding:2.75rem 0;border-top:1px solid var(--rule)}
.brand{display:flex;align-items:center;gap:.55rem;margin:0 0 1.5rem;font-size:.8125rem;font-weight:600;letter-spacing:.09em;text-transform:uppercase;color:var(--accent)}
.brand span{width:1.15rem;height:.8rem;border-radius:3px;background:linear-gradient(90deg,var(--h0) 33%,var(--h1) 33% 66%,var(--h2) 66%)}
h1{font-size:clamp(1.9rem,5.2vw,3.25rem);letter-spacing:-.015em;overflow-wrap:anywhere}
.facts{display:flex;flex-wrap:wrap;margin:1.1rem 0 0;font-variant-numeric:tabular-nums}
.facts li:not(:last-child)::after{content:"·";margin-inline:.6rem;color:var(--quiet)}
.model{margin:.35rem 0 0;font-size:.9375rem}
.lead,.sentence{font-family:var(--serif);font-size:clamp(1.25rem,2.6vw,1.6rem);line-height:1.35;margin:0;text-wrap:pretty}
.story{display:grid;gap:1.75rem}
.story li{display:grid;grid-template-columns:minmax(0,15rem) minmax(0,1fr);gap:1.75rem;align-items:center}
.sentence a{color:inherit;text-decoration:none}
.sentence a:hover{text-decoration:underline;text-decoration-color:var(--accent)}
.frames{margin:.4rem 0 0;font-size:.9375rem;font-variant-numeric:tabular-nums}
.frames a{display:inline-block;padding:.1rem .5rem;margin:.1rem .1rem .1rem 0;border-radius:99px;background:var(--soft);text-decoration:none;min-width:2.75rem;min-height:1.65rem;text-align:center}
.frames a:hover{text-decoration:underline}
.stack{display:grid;grid-template-columns:1fr 1fr;gap:4px}
.stack a{display:block;overflow:hidden;border-radius:8px;aspect-ratio:16/9}
.stack a:first-child{grid-column:1/-1}
.stack.n2 a{grid-column:auto}
.stack.n2 a{aspect-ratio:1}
.stack img{width:100%;height:100%;object-fit:cover;transition:transform .3s}
.stack a:hover img{transform:scale(1.03)}
.note{margin:1.75rem 0 0;font-size:.9375rem}
.lane{display:flex;height:2.4rem}
.bar{display:block;min-width:2px;overflow:hidden;padding:.45rem .6rem;font-size:.875rem;line-height:1.5rem;white-space:nowrap;color:var(--ink);text-decoration:none;background:color-mix(in srgb,var(--hue) 20%,var(--ground));border-left:3px solid var(--hue);container-type:inline-size}
.bar span{display:block;overflow:hidden;text-overflow:ellipsis}
@container(max-width:5rem){.bar span{visibility:hidden}}
.shots{display:block;width:100%;height:3rem;margin-top:4px}
.shots .even{fill:var(--hue)}.shots .odd{fill:color-mix(in srgb,var(--hue) 72%,var(--ground))}
.shots a:hover rect{fill:var(--ink)}
.shots .mark{fill:var(--quiet)}
.axis{position:relative;height:1.5rem;font-size:.8125rem;color:var(--quiet);font-variant-numeric:tabular-nums}
.axis span{position:absolute;padding-left:.35rem;border-left:1px solid var(--rule)}
.chapters ol{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15rem,100%),1fr));gap:1.5rem}
.chapters a{display:grid;gap:.15rem;color:inherit;text-decoration:none}
.chapters img,.chapters .blank{width:100%;aspect-ratio:16/9;object-fit:cover;margin-bottom:.5rem;border-bottom:4px solid var(--hue);background:var(--rule);border-radius:8px}
.chapters strong{font:600 1.1rem/1.3 var(--serif)}
.chapters a:hover strong{text-decoration:underline;text-decoration-color:var(--accent)}
.chapters .quiet{font-size:.875rem}
.tags ul{columns:20rem 3;column-gap:2.5rem}
.tags li{display:grid;grid-template-columns:minmax(0,7.5rem) minmax(0,1fr) 2.75rem;gap:.75rem;align-items:center;padding:.28rem 0;break-inside:avoid}
.span{position:relative;height:.5rem;border-radius:9px;background:var(--rule);overflow:hidden}
.span i{position:absolute;top:0;bottom:0;min-width:3px;background:var(--accent)}
.sure{font-size:.875rem;text-align:right;color:var(--quiet);font-variant-numeric:tabular-nums}
.reel{overflow-x:auto;padding-bottom:.75rem;scrollbar-width:thin}
.reel ol{display:flex;gap:.5rem;width:max-content}
.reel a{display:block;font-size:.8125rem;text-decoration:none;font-variant-numeric:tabular-nums}
.reel img{height:6.5rem;width:auto;max-width:none}
.legend{display:flex;flex-wrap:wrap;gap:.35rem .9rem;margin:-.5rem 0 1.75rem;font-size:.9375rem;color:var(--quiet)}
mark{color:inherit;background:none;border-radius:3px;padding:.05em .12em;margin-inline:-.12em}
.legend mark{color:var(--ink);margin:0;padding-inline:.3em}
.w1{background:var(--w1)}
.w2{background:var(--w2);text-decoration:underline dotted 1px;text-underline-offset:.2em}
.w3{background:var(--w3);text-decoration:underline wavy 1px;text-underline-offset:.2em}
.chapter{margin-top:2.5rem}
.chapter h3{font-size:1.25rem;padding:.1rem 0 .1rem .9rem;border-left:4px solid var(--hue)}
.shot{padding:1.25rem 4px 0}
.long .shot{content-visibility:auto;contain-intrinsic-size:auto 20rem}
.shotline{margin:0 0 .6rem;font-size:.9375rem}
.frame{align-items:center;display:grid;grid-template-columns:minmax(0,17rem) minmax(0,1fr);gap:1.5rem;padding:.9rem;margin:0 0 1rem;background:var(--card);border:1px solid var(--rule);border-radius:14px}
.frame img{width:100%;max-height:26rem;object-fit:contain}
.frame:target,.shot:target .frame{outline:3px solid var(--accent);outline-offset:1px}
.caption{font:1.3rem/1.45 var(--serif);margin:.1rem 0 .5rem}
.caption::first-letter{text-transform:uppercase}
.meter{display:flex;flex-wrap:wrap;align-items:center;gap:.6rem;margin:0;font-size:.875rem;color:var(--quiet);font-variant-numeric:tabular-nums}
.gauge{width:6rem;height:.35rem;border-radius:9px;background:var(--rule);overflow:hidden}
.gauge i{display:block;height:100%;background:var(--accent)}
.badge{padding:.05rem .5rem;border-radius:99px;font-weight:600;font-size:.8125rem;color:var(--warn);background:var(--warnsoft)}
.badge.person{color:var(--accent);background:var(--soft);white-space:nowrap}
.same,.linked{margin:.6rem 0 0;font-size:.9375rem}
details{margin-top:.5rem;font-size:.9375rem}
details summary{cursor:pointer;color:var(--accent);padding:.15rem 0}
details ol{display:grid;gap:.3rem;padding:.4rem 0 .2rem 1rem;border-left:2px solid var(--rule)}
.id{margin-left:.4rem;color:inherit;padding:.25rem 0;text-decoration:none}
.id:hover{text-decoration:underline}
.warnings li{padding:.6rem .9rem;margin-bottom:.5rem;border-left:4px solid var(--warn);background:var(--warnsoft);border-radius:0 8px 8px 0}
code,dd{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.8125rem}
.warnings code{margin-left:.4rem}
pre{margin:1rem 0 1.5rem;padding:.8rem 1rem;background:var(--soft);border-radius:8px;overflow-x:auto}
dl{margin:0;display:grid;gap:.5rem}
dl div{display:grid;grid-template-columns:13rem minmax(0,1fr);gap:1rem}
dt{color:var(--quiet)}
dd{margin:0;overflow-wrap:anywhere}
.foot{padding:2rem 0 4rem;font-size:.875rem;color:var(--quiet);border-top:1px solid var(--rule)}
@media(max-width:44rem){
.head{padding:2rem 0}main>section{padding:2rem 0}
.story li{grid-template-columns:1fr;gap:.75rem}
.stack{grid-template-columns:repeat(3,1fr)}.stack.n2{grid-template-columns:1fr 1fr}
.frame{grid-template-columns:1fr;gap:.8rem}
dl div{grid-template-columns:1fr;gap:0}
.chapters ol{grid-template-columns:repeat(auto-fill,minmax(min(9.5rem,100%),1fr));gap:1.25rem .9rem}
.chapters strong{font-size:1rem}
.tags li{grid-template-columns:minmax(0,6rem) minmax(0,1fr) 2.75rem}
}
@media print{
body{background:#fff;font-size:10pt}
.strip,.skip,details{display:none}
.long .shot{content-visibility:visible}
.frame,.story li,.chapters li{break-inside:avoid}
mark,.bar,.span i,.gauge i,.shots{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}`;
