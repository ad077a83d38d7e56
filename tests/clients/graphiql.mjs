// Uses the GraphiQL page at URL with KEY as a person would and prints what they saw as JSON.
import { chromium } from 'playwright-core';

const { URL: url, KEY: key, CHROMIUM: executablePath, SCREENSHOTS: screenshots } = process.env;
const origin = new URL(url).origin;

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
const page = await context.newPage();
page.setDefaultTimeout(20_000);
const complaints = [];
const elsewhere = [];
page.on('console', (message) => {
  if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
});
page.on('pageerror', (error) => complaints.push(String(error)));
page.on('request', (request) => {
  if (new URL(request.url()).origin !== origin && !request.url().startsWith('data:')) elsewhere.push(request.url());
});

const status = page.locator('#status');
const shown = (name) => (screenshots ? page.screenshot({ path: `${screenshots}/${name}.png` }) : undefined);

const valueOf = (selector) => page.locator(`${selector} .CodeMirror`).evaluate((editor) => editor.CodeMirror.getValue());

// Types a query and runs it until its answer shows: GraphiQL notices what is typed with a delay.
async function answer(query, expected) {
  const editor = page.locator('.graphiql-query-editor .CodeMirror');
  await editor.evaluate((element, text) => element.CodeMirror.setValue(text), query);
  for (let attempt = 0; attempt < 40; attempt += 1) {
    await page.locator('.graphiql-execute-button').click();
    await page.waitForTimeout(250);
    const shown = await valueOf('.result-window');
    if (shown.includes(expected)) return JSON.parse(shown);
  }
  throw new Error(`${query} answered ${await valueOf('.result-window')}`);
}

const seen = {};

await page.goto(`${url}/graphiql`);
await page.locator('#welcome').waitFor();
seen.missing = await page.locator('#welcome h2').textContent();
await shown('missing');

await page.fill('#key', 'wrong');
await page.keyboard.press('Enter');
await page.locator('#status[data-state=refused]').waitFor();
seen.wrong = await status.textContent();
complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('401')));
await shown('wrong');

await page.goto(`${url}/graphiql?tab=1#key=${key}`);
await page.locator('#status[data-state=connected]').waitFor();
seen.address = page.url().replace(origin, '');
await page.locator('.graphiql-execute-button').waitFor();
await shown('connected');

seen.query = await answer('{ echo }', 'hello');
seen.subscription = await answer('subscription { count(to: 3) }', '3');
await shown('subscription');

await page.locator('button[aria-label="Show Documentation Explorer"]').click();
await page.locator('.graphiql-doc-explorer').getByRole('link', { name: 'Subscription' }).waitFor();
await shown('documentation');

await page.reload();
await page.locator('#status[data-state=connected]').waitFor();
seen.keyKept = await page.evaluate(
  (secret) => ({
    session: JSON.stringify(sessionStorage).includes(secret),
    local: JSON.stringify(localStorage).includes(secret),
  }),
  key,
);

seen.complaints = complaints;
seen.elsewhere = elsewhere;
await browser.close();
console.log(JSON.stringify(seen));
