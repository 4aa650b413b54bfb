// How the web apps are built: one entry for each folder here that has an index.html (wallet, console, …).
// Must stay true: nothing inline that a strict Content-Security-Policy would refuse, nothing from another origin.

import fs from 'node:fs'
import path from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const root = import.meta.dirname
const entries = fs.globSync('*/index.html', { cwd: root }).map((file) => [path.dirname(file), path.join(root, file)])

export default defineConfig({
  root,
  base: '/',
  plugins: [react(), tailwindcss()],
  publicDir: path.join(root, 'public'),
  css: { devSourcemap: false },
  build: {
    target: 'es2023',
    outDir: process.env.WEB_OUT ?? path.join(root, '../dist/web'),
    emptyOutDir: true,
    // a small file inlined as data: would need the policy opened for it
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    rollupOptions: { input: Object.fromEntries(entries) },
  },
})
