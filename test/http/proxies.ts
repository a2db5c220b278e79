import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from '../free-port.ts'

export type Proxy = 'nginx' | 'varnish'

const programs = { nginx: 'nginx', varnish: 'varnishd' }

/** Whether the proxy is installed here. */
export function isInstalled(proxy: Proxy): boolean {
  return spawnSync(programs[proxy], ['-V']).error === undefined
}

/**
 * Starts a caching proxy before a server, as src/http/README.md says how; ends with the test.
 *
 * @returns its address
 */
export async function startProxy(proxy: Proxy, server: string): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), `${proxy}-`))
  const [port, upstream] = [await freePort(), new URL(server).host]
  const started =
    proxy === 'nginx' ? await nginx(folder, port, upstream) : await varnish(folder, port, upstream)
  let said = ''
  for (const output of [started.stderr, started.stdout]) output?.on('data', (text) => (said += String(text)))
  onTestFinished(async () => {
    const ended = new Promise((resolve) => started.once('exit', resolve))
    if (started.exitCode === null && started.kill('SIGTERM')) await ended
    await rm(folder, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 200; tries += 1) {
    if (started.exitCode !== null) throw new Error(`${proxy} ended: ${said}`)
    const answer = await fetch(`${url}/livez`).catch(() => null)
    if (answer?.ok === true) return url
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${proxy} doesn't answer: ${said}`)
}

async function nginx(folder: string, port: number, upstream: string): Promise<ChildProcess> {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  await mkdir(path.join(folder, 'cache'))
  const file = path.join(folder, 'nginx.conf')
  await writeFile(
    file,
    `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; worker_processes 2; pid ${folder}/pid; error_log stderr error;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  proxy_cache_path ${folder}/cache keys_zone=programmes:10m max_size=100m inactive=1h;
  upstream programme { server ${upstream}; keepalive 16; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://programme;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_cache programmes;
      proxy_cache_revalidate on;
      proxy_hide_header Last-Modified;
      proxy_hide_header RateLimit;
      proxy_hide_header RateLimit-Policy;
      add_header X-Cache $upstream_cache_status always;
    }
  }
}
`,
  )
  return spawn('nginx', ['-c', file, '-p', folder, '-e', 'stderr'])
}

async function varnish(folder: string, port: number, upstream: string): Promise<ChildProcess> {
  const [host, backendPort] = upstream.split(':')
  const file = path.join(folder, 'programme.vcl')
  await writeFile(
    file,
    `vcl 4.1;
backend default { .host = "${host}"; .port = "${backendPort}"; }
sub vcl_backend_response {
  if (beresp.http.ETag && beresp.http.Cache-Control ~ "public") {
    set beresp.ttl = 0s;
    set beresp.grace = 0s;
    set beresp.keep = 1h;
    unset beresp.http.Last-Modified;
    return (deliver);
  }
}
sub vcl_deliver {
  if (obj.hits > 0) { set resp.http.X-Cache = "HIT"; }
}
`,
  )
  const options = [
    '-F',
    '-a',
    `127.0.0.1:${port}`,
    '-f',
    file,
    '-n',
    path.join(folder, 'work'),
    '-s',
    'malloc,64m',
  ]
  return spawn('varnishd', [...options, '-j', 'none', '-T', 'none'])
}
