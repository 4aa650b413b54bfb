// The page around every door: the name, the language, one form.

import { type FormEvent, type ReactNode, useEffect } from 'react'
import { setLanguage, useLanguage } from '../../../kit/language.ts'
import { useAccessWords } from './access-words.ts'

export function Door({
  title,
  about,
  children,
  onSubmit,
  below,
}: {
  title: string
  about?: ReactNode
  children: ReactNode
  onSubmit(): void
  below?: ReactNode
}) {
  const say = useAccessWords()
  const language = useLanguage()
  useEffect(() => {
    document.title = `${title} · UniPay`
  }, [title])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit()
  }
  return (
    <div className="mx-auto flex w-full max-w-md flex-1 flex-col px-5">
      <header className="flex min-h-16 items-center justify-between">
        <span className="text-lg font-semibold tracking-tight">UniPay</span>
        <button
          type="button"
          lang={language === 'en' ? 'zh-CN' : 'en'}
          onClick={() => void setLanguage(language === 'en' ? 'zh-CN' : 'en')}
          className="-mr-2 min-h-11 rounded-control px-2 text-sm font-medium text-dim hover:text-ink"
        >
          {say('language')}
        </button>
      </header>
      <main id="content" className="flex-1 pt-6 pb-12 sm:pt-16">
        <h1 className="text-2xl font-semibold">{title}</h1>
        {about && <p className="mt-2 text-dim">{about}</p>}
        <form onSubmit={submit} noValidate className="mt-7 space-y-2">
          {children}
        </form>
        {below && <div className="mt-8 border-t border-line pt-5 text-sm">{below}</div>}
      </main>
    </div>
  )
}
