// The built web apps (dist/web) as answers: a page with the policy it runs under, or a file that may be kept for ever.
// Must stay true: no inline script, no other origin but the card issuer's frame; an address decides between files that
// were there at the start, it never names a path.

import fs from 'node:fs'
import path from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sha256 } from '../base/crypto.ts'
import { Refusal } from '../base/errors.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.json': 'application/json; charset=utf-8',
}
const encodings = { br: '.br', gzip: '.gz' } as const

export interface WebFiles {
  /** Whether there is a build of this app. */
  has(app: string): boolean
  /** The page of an app, whatever screen of it was asked for. */
  sendPage(app: string, request: FastifyRequest, reply: FastifyReply): FastifyReply
  /** A file by its path in the build; refuses what is none. */
  sendFile(file: string, request: FastifyRequest, reply: FastifyReply): FastifyReply
  /** Files at the top of the build: icons, manifest, service worker. */
  top(): string[]
}

export interface WebSettings {
  folder: string
  /** What pages read from `<html data-mode>`. */
  mode: string
  /** Origins of frames: the issuer's, who alone may show a card's number. */
  frames: readonly string[]
}

export function readWebFiles({ folder, mode, frames }: WebSettings): WebFiles {
  const files = new Map<string, Buffer | undefined>()
  if (fs.existsSync(folder)) {
    for (const file of fs.globSync('**/*', { cwd: folder })) {
      if (!fs.statSync(path.join(folder, file)).isFile()) continue
      // fonts are many, and few of them are asked for; all else is read now, so that a newer build cannot come between
      files.set(
        file.replaceAll('\\', '/'),
        file.includes('.woff2') ? undefined : fs.readFileSync(path.join(folder, file)),
      )
    }
  }
  const contentOf = (file: string): Buffer => {
    const content = files.get(file) ?? fs.readFileSync(path.join(folder, file))
    files.set(file, content)
    return content
  }
  const pages = new Map<string, { html: string; tag: string }>()
  for (const file of files.keys()) {
    const app = /^([a-z-]+)\/index\.html$/.exec(file)?.[1]
    if (app === undefined) continue
    const html = contentOf(file).toString('utf8').replaceAll('__MODE__', mode)
    pages.set(app, { html, tag: tagOf(html) })
  }
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    `frame-src ${frames.length > 0 ? frames.join(' ') : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

  return {
    has: (app) => pages.has(app),
    sendPage(app, request, reply) {
      const page = pages.get(app)
      if (!page) throw new Refusal('NotFound')
      reply
        .header('content-security-policy', policy)
        .header('cross-origin-opener-policy', 'same-origin')
        .header(
          'permissions-policy',
          'camera=(self), clipboard-write=(self), geolocation=(), microphone=(), payment=()',
        )
        .header('cache-control', 'no-cache')
        .header('etag', page.tag)
      if (request.headers['if-none-match'] === page.tag) return reply.code(304).send()
      return reply.type('text/html; charset=utf-8').send(page.html)
    },
    sendFile(file, request, reply) {
      const type = types[path.posix.extname(file)]
      if (!files.has(file) || type === undefined || file.endsWith('.html')) throw new Refusal('NotFound')
      const isHashed = file.startsWith('assets/')
      reply.type(type).header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      if (!isHashed) {
        const tag = tagOf(contentOf(file))
        // the service worker runs under what comes with it, and has to reach what it keeps
        if (file.endsWith('.js')) reply.header('content-security-policy', "default-src 'none'; connect-src 'self'")
        reply.header('etag', tag)
        if (request.headers['if-none-match'] === tag) return reply.code(304).send()
      }
      reply.header('vary', 'accept-encoding')
      const accepted = String(request.headers['accept-encoding'] ?? '')
      for (const [name, ending] of Object.entries(encodings)) {
        if (!files.has(file + ending) || !new RegExp(`\\b${name}\\b(?!;q=0(?:[^.]|$))`).test(accepted)) continue
        return reply.header('content-encoding', name).send(contentOf(file + ending))
      }
      return reply.send(contentOf(file))
    },
    top: () => [...files.keys()].filter((file) => /^[\w-]+\.(?:js|svg|png|webmanifest)$/.test(file)),
  }
}

const tagOf = (content: string | Buffer): string => `"${sha256(content).toString('base64url').slice(0, 22)}"`
