// The language of the page: Chinese or English, switched without a reload. Words stand in pairs beside their screens:
// texts('send', { title: ['转账', 'Send'] }) gives a hook whose keys are checked, so no language can miss a word.

import i18next from 'i18next'
import { initReactI18next, useTranslation } from 'react-i18next'

export type Language = 'zh-CN' | 'en'

const KEY = 'unipay.language'

function firstLanguage(): Language {
  const saved = localStorage.getItem(KEY)
  if (saved === 'zh-CN' || saved === 'en') return saved
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}

void i18next.use(initReactI18next).init({
  lng: firstLanguage(),
  fallbackLng: 'zh-CN',
  supportedLngs: ['zh-CN', 'en'],
  resources: {},
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false }, // React escapes
  returnNull: false,
})

export const currentLanguage = (): Language => (i18next.language === 'en' ? 'en' : 'zh-CN')

export function useLanguage(): Language {
  useTranslation()
  return currentLanguage()
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEY, language)
  await i18next.changeLanguage(language)
  showLanguage()
}

/** Tells the page its language, and has Chinese type come. */
export function showLanguage(): void {
  document.documentElement.lang = currentLanguage()
  // its list of subsets is heavy; the page is readable in the system's font until it is there. In English it is for names
  const load = () => void import('./style/chinese.css')
  if (currentLanguage() === 'zh-CN') load()
  else setTimeout(load, 3_000)
}

export type Words = Readonly<Record<string, readonly [zh: string, en: string]>>
export type Say<K> = (key: K, values?: Record<string, string | number>) => string

/** Registers an area's words and gives a hook that says them in the language of the moment. */
export function texts<W extends Words>(area: string, words: W): () => Say<keyof W & string> {
  const of = (at: 0 | 1) => Object.fromEntries(Object.entries(words).map(([key, pair]) => [key, pair[at]]))
  i18next.addResourceBundle('zh-CN', area, of(0))
  i18next.addResourceBundle('en', area, of(1))
  return () => {
    const { t } = useTranslation(area)
    return (key, values) => t(key as string, values ?? {})
  }
}
