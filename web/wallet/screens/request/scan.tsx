// Paying by the camera: the browser's own detector reads the code. Only our own payment codes are followed, and only to
// the form: a code never sends.

import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { texts } from '../../../kit/language.ts'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Screen } from '../../frame/screen.tsx'

const useWords = texts('scan', {
  title: ['扫码付款', 'Scan to pay'],
  about: ['将收款码放入框内', 'Hold the code inside the frame'],
  noCamera: [
    '无法使用摄像头。请在系统设置中允许,或让对方把收款链接发给您。',
    'The camera cannot be used. Allow it in the settings, or ask for the link instead.',
  ],
  notOurs: ['这不是 UniPay 的收款码', 'This is not a UniPay payment code'],
})

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>
}
type DetectorKind = new (options: { formats: string[] }) => Detector

/** The part after our own origin when it is a payment request, else nothing. */
export function requestIn(text: string): Record<string, string> | undefined {
  if (!URL.canParse(text)) return undefined
  const { origin, pathname, searchParams } = new URL(text)
  return origin === window.location.origin && pathname === '/app/send' ? Object.fromEntries(searchParams) : undefined
}

export function ScanScreen() {
  const say = useWords()
  const navigate = useNavigate()
  const video = useRef<HTMLVideoElement>(null)
  const [trouble, setTrouble] = useState<'noCamera' | 'notOurs'>()
  useEffect(() => {
    const Kind = (window as unknown as { BarcodeDetector?: DetectorKind }).BarcodeDetector
    let stream: MediaStream | undefined
    let timer: ReturnType<typeof setInterval> | undefined
    const begin = async () => {
      const element = video.current
      if (!Kind || !element || !navigator.mediaDevices) return setTrouble('noCamera')
      const detector = new Kind({ formats: ['qr_code'] })
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      element.srcObject = stream
      await element.play()
      timer = setInterval(async () => {
        const [code] = await detector.detect(element).catch(() => [])
        if (!code) return
        const search = requestIn(code.rawValue)
        if (!search) return setTrouble('notOurs')
        clearInterval(timer)
        void navigate({ to: '/app/send', search: search as never, replace: true })
      }, 250)
    }
    begin().catch(() => setTrouble('noCamera'))
    return () => {
      clearInterval(timer)
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
  }, [navigate])
  return (
    <Screen title={say('title')} back="/app/request">
      <div aria-live="assertive">{trouble && <Notice tone="warn">{say(trouble)}</Notice>}</div>
      {trouble !== 'noCamera' && (
        <>
          <video
            ref={video}
            muted
            playsInline
            className="mt-3 aspect-square w-full rounded-card bg-black object-cover"
          />
          <p className="mt-3 text-center text-sm text-dim">{say('about')}</p>
        </>
      )}
    </Screen>
  )
}
