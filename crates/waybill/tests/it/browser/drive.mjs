// Drives a headless Chromium through the steps that come on stdin as JSON, and prints what they yielded.
// It speaks the DevTools protocol over a pipe: no package, no port, and the browser ends when this process does.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PATIENCE_MS = 20_000
const PAUSE_MS = 50

const [browser] = process.argv.slice(2)
const chunks = []
for await (const chunk of process.stdin) chunks.push(chunk)
const steps = JSON.parse(Buffer.concat(chunks).toString())

const profile = mkdtempSync(join(tmpdir(), 'waybill-browser-'))
const chromium = spawn(browser, [
  '--headless=new', '--remote-debugging-pipe', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
  '--no-first-run', '--no-default-browser-check', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-extensions', '--no-proxy-server', '--password-store=basic',
  // Nothing but this machine is looked for, and the registry's own authority need not be installed anywhere.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1', '--ignore-certificate-errors',
  `--user-data-dir=${profile}`, 'about:blank',
], { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'], env: { ...process.env, HOME: profile } })
let complaints = ''
chromium.stderr.on('data', data => { complaints = (complaints + data).slice(-4000) })
const ended = new Promise((_, fail) => {
  chromium.on('error', error => fail(new Error(`cannot start ${browser}: ${error.message}`)))
  chromium.on('exit', code => fail(new Error(`${browser} ended with ${code}: ${complaints}`)))
})
ended.catch(() => {})

let number = 0
let buffer = ''
const waiting = new Map()
const problems = []
chromium.stdio[4].on('data', data => {
  buffer += data
  for (let end; (end = buffer.indexOf('\0')) >= 0; buffer = buffer.slice(end + 1)) take(JSON.parse(buffer.slice(0, end)))
})

function take(message) {
  if (message.id) {
    const { resolve, reject } = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error) reject(new Error(message.error.message))
    else resolve(message.result)
  } else if (message.method === 'Log.entryAdded' && ['error', 'warning'].includes(message.params.entry.level)) {
    const { text, url, source } = message.params.entry
    // A status of 400 and above is what some steps are for.
    if (source !== 'network') problems.push(`${text} ${url ?? ''}`)
  } else if (message.method === 'Runtime.exceptionThrown') {
    problems.push(message.params.exceptionDetails.text)
  }
}

function send(method, params = {}, sessionId = undefined) {
  const id = ++number
  chromium.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + '\0')
  const answer = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
  return Promise.race([answer, ended])
}

/** A window with cookies of its own. */
async function open() {
  const { browserContextId } = await send('Target.createBrowserContext')
  const { targetId } = await send('Target.createTarget', { url: 'about:blank', browserContextId })
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true })
  for (const domain of ['Page', 'Runtime', 'Log']) await send(`${domain}.enable`, {}, sessionId)
  return sessionId
}

async function evaluate(page, expression) {
  const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, returnByValue: true }, page)
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
  return result.value
}

/** Asks again until the answer is something; a page that is being replaced has none. */
async function until(page, expression, what) {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const value = await evaluate(page, expression).catch(error => { if (chromium.exitCode !== null) throw error })
    if (value) return value
    if (Date.now() > deadline) {
      const seen = await evaluate(page, 'location.href + "\\n" + document.body?.innerText').catch(String)
      throw new Error(`waited in vain for ${what}; the page is ${seen}`)
    }
    await new Promise(done => setTimeout(done, PAUSE_MS))
  }
}

/** The middle of an element, as a person would aim. */
async function place(page, selector) {
  const text = JSON.stringify(selector)
  return until(page, `(() => {
    const element = document.readyState === 'complete' && document.querySelector(${text})
    if (!element) return
    element.scrollIntoView({ block: 'center' })
    const { x, y, width, height } = element.getBoundingClientRect()
    return width && height && { x: x + width / 2, y: y + height / 2 }
  })()`, selector)
}

async function click(page, selector) {
  const at = { ...await place(page, selector), button: 'left', clickCount: 1 }
  await send('Input.dispatchMouseEvent', { type: 'mousePressed', ...at }, page)
  await send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...at }, page)
}

const actions = {
  goto: async (page, url) => { await send('Page.navigate', { url }, page) },
  see: async (page, text) => { await until(page, `document.body?.innerText.includes(${JSON.stringify(text)})`, text) },
  click,
  type: async (page, [selector, text]) => {
    await click(page, selector)
    await send('Input.insertText', { text }, page)
  },
  evaluate,
  width: async (page, width) => {
    await send('Emulation.setDeviceMetricsOverride', { width, height: 700, deviceScaleFactor: 1, mobile: false }, page)
  },
  scheme: async (page, value) => {
    await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] }, page)
  },
  picture: async page => (await send('Page.captureScreenshot', {}, page)).data,
}

try {
  let page = await open()
  const values = []
  for (const [action, argument] of steps) {
    if (action === 'window') {
      page = await open()
      continue
    }
    const value = await actions[action](page, argument)
    if (value !== undefined) values.push(value)
  }
  process.stdout.write(JSON.stringify({ values, problems }))
} catch (error) {
  process.stderr.write(`${error.message}\n${problems.join('\n')}\n`)
  process.exitCode = 1
} finally {
  chromium.removeAllListeners('exit')
  const gone = new Promise(done => chromium.once('exit', done))
  await send('Browser.close').catch(() => chromium.kill('SIGKILL'))
  await gone
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
}
