import net from 'node:net'

/**
 * The proxy that the environment names for a request: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case (lower case first, as
 * curl has it). `NO_PROXY` takes hosts, which stand for their sub-domains too, `host:port`, addresses, IPv4 networks (`10.0.0.0/8`) and `*`.
 */
export function proxyFor(target: URL, env: NodeJS.ProcessEnv = process.env): URL | undefined {
  const read = (name: string): string => env[name.toLowerCase()] || env[name] || ''
  const proxy = read(target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || read('ALL_PROXY')
  if (proxy === '' || isExcepted(target, read('NO_PROXY'))) return undefined
  return new URL(proxy.includes('://') ? proxy : `http://${proxy}`)
}

function isExcepted(target: URL, list: string): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = target.port || (target.protocol === 'https:' ? '443' : '80')
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(entry, host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  const network = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(entry)
  if (network !== null) return net.isIPv4(host) && isWithin(host, network[1]!, Number(network[2]))
  const [, name = entry, onlyPort] = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(net.isIPv6(entry) ? `[${entry}]` : entry) ?? []
  if (onlyPort !== undefined && onlyPort !== port) return false
  const suffix = name.replace(/^\*?\./, '')
  return host === suffix || (!net.isIP(host) && host.endsWith(`.${suffix}`))
}

function isWithin(host: string, network: string, bits: number): boolean {
  if (!net.isIPv4(network) || bits > 32) return false
  const block = new net.BlockList()
  block.addSubnet(network, bits)
  return block.check(host)
}
