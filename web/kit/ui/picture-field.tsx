// A picture of a document: taken by the camera or chosen, shown in a card's frame, with what may be wrong with it.

import { Camera } from 'lucide-react'
import { type ReactNode, useEffect, useId, useState } from 'react'
import { texts } from '../language.ts'
import { type TakenPicture, takePicture } from '../picture.ts'
import { cx } from './cx.ts'

const useWords = texts('picture', {
  take: ['拍摄或选择照片', 'Take or choose a picture'],
  again: ['重新拍摄', 'Take another'],
  frame: ['整张证件放入框内,避免反光与模糊', 'The whole document inside the frame, sharp and without glare'],
  small: ['照片太小,文字可能看不清', 'The picture is small; it may not be readable'],
  blurred: ['照片可能模糊,建议重拍', 'It may be blurred; better take another'],
  glare: ['照片可能过曝或反光,建议重拍', 'There may be glare; better take another'],
  dark: ['照片太暗,建议重拍', 'It is too dark; better take another'],
  unreadable: ['无法读取该文件,请选择照片', 'This file cannot be read; choose a picture'],
})

interface Props {
  label: string
  picture: TakenPicture | undefined
  onPicture(picture: TakenPicture | undefined): void
  error?: ReactNode
}

export function PictureField({ label, picture, onPicture, error }: Props) {
  const say = useWords()
  const id = useId()
  const [unreadable, setUnreadable] = useState(false)
  useEffect(() => () => void (picture && URL.revokeObjectURL(picture.url)), [picture])
  const take = async (file: File | undefined) => {
    if (!file) return
    try {
      onPicture(await takePicture(file))
      setUnreadable(false)
    } catch {
      setUnreadable(true)
    }
  }
  const trouble = unreadable ? say('unreadable') : picture?.trouble && say(picture.trouble)
  return (
    <div>
      <p className="mb-1.5 text-sm font-medium">{label}</p>
      <label
        htmlFor={id}
        className={cx(
          'relative flex aspect-[1.586] w-full cursor-pointer flex-col items-center justify-center gap-2 overflow-hidden rounded-card border bg-surface text-center has-focus-visible:outline-2 has-focus-visible:outline-accent',
          picture ? 'border-line' : 'border-dashed border-edge hover:bg-sunk',
        )}
      >
        {picture ? (
          <img src={picture.url} alt={label} className="absolute inset-0 size-full object-contain" />
        ) : (
          <>
            <Camera aria-hidden className="size-7 text-dim" strokeWidth={1.5} />
            <span className="font-medium text-accent">{say('take')}</span>
            <span className="px-6 text-sm text-dim">{say('frame')}</span>
          </>
        )}
        <input
          id={id}
          type="file"
          aria-label={label}
          accept="image/jpeg,image/png,image/webp"
          capture="environment"
          className="sr-only"
          onChange={(event) => void take(event.target.files?.[0])}
        />
      </label>
      <p
        aria-live="polite"
        className={cx('mt-1.5 min-h-5 text-sm', error ? 'text-danger' : trouble ? 'text-warn' : 'text-dim')}
      >
        {error || trouble || (picture && say('again'))}
      </p>
    </div>
  )
}
