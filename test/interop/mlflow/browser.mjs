import { spawn } from 'node:child_process'

/** A Chromium of PATH without a window, spoken to through a pipe by its DevTools protocol. `profile`: a folder for its files. */
export function openBrowser(profile) {
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--remote-debugging-pipe']
  const place = [`--user-data-dir=${profile}`, 'about:blank']
  const child = spawn('chromium', [...flags, ...place], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
  const gone = new Promise((resolve) => child.once('exit', () => resolve(undefined)))
  const [, , , input, output] = child.stdio
  const waiting = new Map()
  let rest = ''
  output.setEncoding('utf8').on('data', (piece) => {
    const messages = (rest + piece).split('\0')
    rest = messages.pop()
    for (const message of messages.map((text) => JSON.parse(text))) waiting.get(message.id)?.(message)
  })
  let count = 0
  let session
  const send = async (method, params = {}) => {
    const id = ++count
    const answer = new Promise((resolve) => waiting.set(id, resolve))
    input.write(`${JSON.stringify({ id, method, params, ...(session === undefined ? {} : { sessionId: session }) })}\0`)
    const { result, error } = await answer
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result
  }
  const evaluate = async (expression) =>
    (await send('Runtime.evaluate', { expression, returnByValue: true })).result.value
  return {
    async open() {
      const { targetInfos } = await send('Target.getTargets')
      const { targetId } = targetInfos.find(({ type }) => type === 'page')
      session = (await send('Target.attachToTarget', { targetId, flatten: true })).sessionId
    },
    evaluate,
    /** Goes to an address, and waits until every one of some texts is on the page, and nothing is still being loaded. */
    async go(url, ...texts) {
      await send('Page.navigate', { url })
      for (let attempt = 0; attempt < 300; attempt++) {
        const text = (await evaluate('document.body?.innerText')) ?? ''
        const loading = await evaluate(`document.querySelectorAll('[class*=skeleton], [aria-busy=true]').length`)
        if (loading === 0 && texts.every((one) => text.includes(one))) return
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      throw new Error(`${url} does not show ${texts.join(', ')}`)
    },
    async size(width, height) {
      await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
    },
    /** Bytes of a PNG. */
    async picture() {
      return Buffer.from((await send('Page.captureScreenshot')).data, 'base64')
    },
    async close() {
      input.write(`${JSON.stringify({ id: ++count, method: 'Browser.close' })}\0`)
      await gone
    },
  }
}
