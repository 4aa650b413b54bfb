// Somebody as a letter in a circle. No pictures: names are masked, and so is who they are.

export const Avatar = ({ name }: { name: string }) => (
  <span
    aria-hidden
    className="flex size-10 shrink-0 items-center justify-center rounded-full bg-accent-soft text-sm font-semibold text-accent"
  >
    {[...name]
      .slice(0, /^[\d]/.test(name) ? 2 : 1)
      .join('')
      .toUpperCase()}
  </span>
)
