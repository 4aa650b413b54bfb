// A sheet that does something grave: what follows from it in numbers, why, and a word typed to mean it.
// Must stay true: nothing is sent before a reason is given and the word is typed; it is sent once.

import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button } from '../../kit/ui/button.tsx'
import { TextArea, TextField } from '../../kit/ui/field.tsx'
import { Notice } from '../../kit/ui/notice.tsx'
import { Problem } from '../../kit/ui/problem.tsx'
import { Sheet } from '../../kit/ui/sheet.tsx'
import { toast } from '../../kit/ui/toast.tsx'
import { lookAgain } from '../api/ask.ts'
import { useWords } from '../words.ts'

interface Props {
  open: boolean
  onClose: () => void
  title: string
  /** What will have happened, with numbers. */
  consequence: ReactNode
  /** To be typed; nothing where what it does is easily undone. */
  word?: string
  submit: string
  danger?: boolean
  /** Ready-made reasons. */
  reasons?: readonly { label: string; text: string }[]
  children?: ReactNode
  disabled?: boolean
  /** Told when it is done; the sentence of the server's answer, or ours. */
  said?: string
  act: (reason: string) => Promise<unknown>
  noReason?: boolean
}

export function ActSheet(props: Props) {
  const {
    open,
    onClose,
    title,
    consequence,
    word,
    submit,
    danger,
    reasons = [],
    children,
    disabled,
    said,
    act,
    noReason,
  } = props
  const say = useWords()
  const form = useRef<HTMLFormElement>(null)
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  useEffect(() => {
    if (!open) return
    setReason('')
    setTyped('')
    setProblem(undefined)
    // to the first field, once the sheet has taken the focus for its own first button
    const later = setTimeout(() => form.current?.querySelector<HTMLElement>('textarea, input, select')?.focus(), 50)
    return () => clearTimeout(later)
  }, [open])
  const isReady = (noReason || reason.trim() !== '') && (word === undefined || typed.trim() === word) && !disabled
  const send = async () => {
    if (!isReady || isBusy) return
    setBusy(true)
    setProblem(undefined)
    try {
      await act(reason.trim())
      toast(said ?? say('done'))
      lookAgain()
      onClose()
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Sheet open={open} onClose={onClose} title={title} held={isBusy}>
      <form
        ref={form}
        className="flex flex-col gap-2 text-sm"
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send()
        }}
      >
        <Notice tone={danger ? 'bad' : 'info'} className="mb-2">
          {consequence}
        </Notice>
        {children}
        {reasons.length > 0 && (
          <div className="flex flex-wrap gap-1.5">
            {reasons.map(({ label, text }) => (
              <button
                key={text}
                type="button"
                onClick={() => setReason(text)}
                className="rounded-full border border-edge/50 px-2.5 py-1 text-xs hover:border-accent hover:text-accent"
              >
                {label}
              </button>
            ))}
          </div>
        )}
        {!noReason && (
          <TextArea
            label={say('reason')}
            hint={say('reasonNeeded')}
            rows={2}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
        {word !== undefined && (
          <TextField
            label={say('typeToConfirm', { word })}
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
        {problem !== undefined && <Problem error={problem} money className="mb-2" />}
        <div className="flex justify-end gap-2">
          <Button small onClick={onClose} disabled={isBusy}>
            {say('cancel')}
          </Button>
          <Button small type="submit" look={danger ? 'danger' : 'primary'} busy={isBusy} disabled={!isReady}>
            {submit}
          </Button>
        </div>
      </form>
    </Sheet>
  )
}
