// Measures pages with Lighthouse as on a middling phone with a slow line (its simulated throttling):
//   node lighthouse.mjs CHROMIUM ENOUGH ADDRESS...
// Each page is measured until three runs agree on whether performance has ENOUGH points: five times at most.
// Prints JSON: for each address a list of runs with the scores (0-100) and the audits that cost points.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const [chromePath, enough, ...addresses] = process.argv.slice(2);
const categories = ["performance", "accessibility", "best-practices"];
const chromeFlags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-first-run",
];

function told(result) {
  if (result.runtimeError) throw new Error(result.runtimeError.message);
  const scores = Object.fromEntries(categories.map((name) => [name, Math.round(100 * result.categories[name].score)]));
  const refs = categories.flatMap((name) => result.categories[name].auditRefs).filter((ref) => ref.weight > 0);
  const lost = refs.map((ref) => result.audits[ref.id]).filter((audit) => audit.score !== null && audit.score < 1);
  const audits = Object.fromEntries(lost.map((audit) => [audit.id, audit.displayValue || audit.title]));
  return { scores, audits, benchmark: result.environment.benchmarkIndex };
}

async function measure(address) {
  const chrome = await launch({ chromePath, chromeFlags, logLevel: "silent" });
  try {
    const options = { port: chrome.port, onlyCategories: categories, logLevel: "error", disableFullPageScreenshot: true };
    return told((await lighthouse(address, options)).lhr);
  } finally {
    chrome.kill();
  }
}

function settled(runs) {
  const good = runs.filter((run) => run.scores.performance >= Number(enough)).length;
  return good === 3 || runs.length - good === 3;
}

const found = {};
for (const address of addresses) {
  found[address] = [];
  while (!settled(found[address])) found[address].push(await measure(address));
}
console.log(JSON.stringify(found));
