// Builds the web apps into dist/web, once: again only when what they are made of has changed.
// Must stay true: what is served is always one whole build, since a new one takes its place by a rename; two builds at
// once do each other no harm; a start that finds nothing to do takes a blink.

import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = path.join(import.meta.dirname, '..')
const dist = path.join(root, 'dist')
const home = path.join(dist, 'web')
const STAMP = '.built-from'
const compressible = /\.(?:js|css|html|svg|webmanifest|json)$/

const wanted = fingerprint()
if (readIfThere(path.join(home, STAMP)) !== wanted) await build()

/** Of every byte that a build depends on: the sources, and the packages by their lock file. */
function fingerprint(): string {
  const hash = createHash('sha256')
  const files = fs.globSync('{web,sdk}/**/*', { cwd: root }).sort()
  for (const file of [...files, 'package-lock.json', 'scripts/build-web.ts']) {
    const full = path.join(root, file)
    if (fs.statSync(full).isFile()) hash.update(`${file}\0`).update(fs.readFileSync(full)).update('\0')
  }
  return hash.digest('hex')
}

async function build(): Promise<void> {
  const began = performance.now()
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`
  console.log('Building the web apps (once; some ten seconds) …')
  const progress = setInterval(() => console.log(`  still building, ${seconds()}`), 10_000)
  fs.mkdirSync(dist, { recursive: true })
  const next = fs.mkdtempSync(path.join(dist, 'next-'))
  try {
    process.env.WEB_OUT = next
    process.env.NODE_ENV = 'production'
    const vite = await import('vite')
    await vite.build({ configFile: path.join(root, 'web/vite.config.ts'), logLevel: 'warn' })
    await serviceWorker(vite, next)
    compress(next)
    fs.writeFileSync(path.join(next, STAMP), wanted)
    fs.chmodSync(next, 0o755)
    takePlace(next)
    console.log(`  built, ${seconds()}`)
  } finally {
    clearInterval(progress)
    fs.rmSync(next, { recursive: true, force: true })
  }
}

/** The wallet's service worker knows by name what it has to keep, so it is made last. */
async function serviceWorker(vite: typeof import('vite'), folder: string): Promise<void> {
  const page = fs.readFileSync(path.join(folder, 'wallet/index.html'), 'utf8')
  const shell = ['/', ...[...page.matchAll(/"(\/(?:assets\/[^"]+|theme\.js))"/g)].map(([, file]) => file)]
  await vite.build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define: {
      BUILD: JSON.stringify(wanted.slice(0, 12)),
      SHELL: JSON.stringify(shell),
    },
    build: {
      target: 'es2023',
      outDir: folder,
      emptyOutDir: false,
      reportCompressedSize: false,
      rollupOptions: {
        input: path.join(root, 'web/wallet/service-worker.ts'),
        output: { entryFileNames: 'service-worker.js', format: 'iife' },
      },
    },
  })
}

/** Done once here, so that nothing is compressed while somebody waits. */
function compress(folder: string): void {
  for (const file of fs.globSync('**/*', { cwd: folder })) {
    const full = path.join(folder, file)
    if (!compressible.test(file) || !fs.statSync(full).isFile()) continue
    const content = fs.readFileSync(full)
    fs.writeFileSync(`${full}.gz`, gzipSync(content, { level: 9 }))
    fs.writeFileSync(
      `${full}.br`,
      brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: content.length > 400_000 ? 9 : 11 } }),
    )
  }
}

/** Two builds that end at once get in each other's way for an instant; whoever comes second finds it done. */
function takePlace(next: string): void {
  const old = `${next}-old`
  for (let attempt = 0; readIfThere(path.join(home, STAMP)) !== wanted; attempt++) {
    try {
      if (fs.existsSync(home)) fs.renameSync(home, old)
      fs.renameSync(next, home)
    } catch (error) {
      if (attempt === 20) throw error
    }
    fs.rmSync(old, { recursive: true, force: true })
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
