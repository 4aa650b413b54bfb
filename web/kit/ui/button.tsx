// Buttons. One primary on a screen; while it works it spins in place and cannot be pressed again.

import { LoaderCircle } from 'lucide-react'
import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { cx } from './cx.ts'

export type ButtonLook = 'primary' | 'secondary' | 'quiet' | 'danger'

const looks: Record<ButtonLook, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover disabled:bg-sunk disabled:text-dim',
  secondary: 'border border-edge/60 bg-surface text-ink hover:bg-sunk disabled:text-dim',
  quiet: 'text-accent hover:bg-accent-soft disabled:text-dim',
  danger: 'border border-danger/50 bg-surface text-danger hover:bg-danger-soft disabled:text-dim',
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook
  busy?: boolean
  wide?: boolean
  small?: boolean
  icon?: ReactNode
}

export function Button({ look = 'secondary', busy, wide, small, icon, children, disabled, className, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={cx(
        'inline-flex items-center justify-center gap-2 rounded-control font-medium transition-colors duration-150',
        'select-none disabled:cursor-not-allowed',
        small ? 'min-h-9 px-3 text-sm' : 'min-h-12 px-5 text-base',
        wide && 'w-full',
        looks[look],
        className,
      )}
    >
      {busy ? <LoaderCircle aria-hidden className="size-5 animate-spin" /> : icon}
      {children}
    </button>
  )
}

/** A button that is an icon alone, with its name for those who cannot see it. */
export function IconButton({ label, children, className, ...rest }: Omit<Props, 'look' | 'icon'> & { label: string }) {
  const { busy: _busy, wide: _wide, small: _small, ...attributes } = rest
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...attributes}
      className={cx(
        'inline-flex size-11 shrink-0 items-center justify-center rounded-control text-ink hover:bg-sunk disabled:text-dim',
        className,
      )}
    >
      {children}
    </button>
  )
}
