// Proposing anything: a form made of what the server says a kind of approval holds. Screens that know more about one kind
// open the same form with what they know filled in. Must stay true: what is proposed is shown before it is sent.

import { useState } from 'react'
import { Button } from '../../../kit/ui/button.tsx'
import { SelectField, TextField } from '../../../kit/ui/field.tsx'
import { ask, type Data, type Route, useAsk } from '../../api/ask.ts'
import { useMay } from '../../api/session.ts'
import { useGo } from '../../frame/link.tsx'
import { useKinds } from '../../kinds.ts'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { useWords } from '../../words.ts'
import { useApprovalWords } from './approval-words.ts'

type Kind = Data<'GET /approval-kinds'>[number]
interface Schema {
  type?: string
  enum?: string[]
  const?: string
  anyOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  description?: string
  examples?: string[]
  maxLength?: number
  minLength?: number
}
type Value = string | boolean | readonly string[] | Payload
interface Payload {
  [name: string]: Value
}

const schemaOf = (kind: Kind) => kind.payload as { properties?: Record<string, Schema>; required?: string[] }
/** What the server said of the thing as it is, where a payload has the same form. */
function payloadOf(said: Readonly<Record<string, unknown>>): Payload {
  const pairs = Object.entries(said).flatMap(([name, value]): [string, Value][] => {
    if (typeof value === 'string' || typeof value === 'boolean') return [[name, value]]
    if (Array.isArray(value)) return [[name, value.map(String)]]
    return value && typeof value === 'object' ? [[name, payloadOf(value as Record<string, unknown>)]] : []
  })
  return Object.fromEntries(pairs)
}

/** Whether there is something in it; a switch always has, and so has a text that may be empty. */
const isSaid = (value: Value | undefined, { type, minLength }: Schema): boolean =>
  type === 'boolean' || type === 'object' || typeof value === 'boolean'
    ? value !== undefined
    : typeof value === 'string'
      ? value !== '' || minLength === 0
      : value !== undefined && Object.keys(value).length > 0

const choicesOf = ({ anyOf, enum: some, const: one }: Schema): string[] | undefined =>
  some ?? (one !== undefined ? [one] : anyOf?.flatMap((each) => choicesOf(each) ?? []))

interface Props {
  kind: string
  label: string
  /** What is known already, and stays. */
  given?: Payload
  /** What the form begins with, to be changed: as the server said it, so its types are looked at. */
  start?: Readonly<Record<string, unknown>>
  /** Shown above the fields, e.g. what it is now. */
  about?: string
  /** Typed to mean it. */
  word?: string
  danger?: boolean
  look?: 'primary' | 'secondary' | 'danger' | 'quiet'
}

/** A button that opens the form of one kind. */
export function ProposeThis({ kind, label, look = 'secondary', ...rest }: Props) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <MayButton route={`POST /approvals/${kind}` as Route} look={look} onClick={() => setOpen(true)}>
        {label}
      </MayButton>
      {isOpen && <ProposeSheet kind={kind} {...rest} onClose={() => setOpen(false)} />}
    </>
  )
}

export function ProposeSheet({
  kind,
  given = {},
  start,
  about,
  word,
  danger,
  onClose,
}: Omit<Props, 'label' | 'look'> & { onClose: () => void }) {
  const say = useApprovalWords()
  const words = useWords()
  const go = useGo()
  const { data } = useAsk('GET /approval-kinds')
  const found = data?.find((one) => one.kind === kind)
  const [values, setValues] = useState<Payload>({ ...(start ? payloadOf(start) : {}), ...given })
  const { properties = {}, required = [] } = found ? schemaOf(found) : {}
  const fields = Object.entries(properties).filter(([name]) => name !== 'from' || required.includes('from'))
  const isWhole = fields.every(([name, schema]) => !required.includes(name) || isSaid(values[name], schema))
  return (
    <ActSheet
      open={found !== undefined}
      onClose={onClose}
      title={say('proposeTitle', { what: found?.title ?? '' })}
      consequence={
        <>
          {about && <p className="mb-1 font-medium">{about}</p>}
          <p>{say('proposeConsequence', { roles: found?.checkers.join(', ') ?? '' })}</p>
        </>
      }
      {...(danger === undefined ? {} : { danger })}
      {...(word === undefined ? {} : { word })}
      submit={words('propose')}
      said={words('proposed')}
      disabled={!isWhole}
      act={async (reason) => {
        const known = Object.entries(values).filter(([name, value]) => name in properties && isSaid(value, {}))
        const payload = Object.fromEntries(known)
        const route = `POST /approvals/${kind}` as 'POST /approvals/setting'
        const { id } = await ask(route, { body: { payload: payload as never, reason } })
        go(`/approvals/${id}`)
      }}
    >
      {fields.map(([name, schema]) => (
        <Field
          key={name}
          name={name}
          schema={schema}
          isRequired={required.includes(name)}
          value={values[name]}
          isGiven={given[name] !== undefined}
          onChange={(value) => setValues({ ...values, [name]: value })}
        />
      ))}
    </ActSheet>
  )
}

interface FieldProps {
  name: string
  schema: Schema
  isRequired: boolean
  isGiven: boolean
  value: Value | undefined
  onChange: (value: Value) => void
}

function Field({ name, schema, isRequired, isGiven, value, onChange }: FieldProps) {
  const say = useApprovalWords()
  const label = isRequired ? name : `${name} (${say('optional')})`
  if (schema.type === 'boolean') {
    return (
      <label className="mb-2 flex items-center gap-2 font-medium">
        <input
          type="checkbox"
          className="size-4 accent-(--accent)"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
        />
        {label}
      </label>
    )
  }
  if (schema.type === 'object') {
    const inside = value && typeof value === 'object' && !Array.isArray(value) ? (value as Payload) : {}
    return (
      <fieldset className="mb-2 rounded-card border border-line px-3 pt-2">
        <legend className="px-1 font-medium">{label}</legend>
        {Object.entries(schema.properties ?? {}).map(([key, each]) => (
          <Field
            key={key}
            name={key}
            schema={each}
            isRequired={schema.required?.includes(key) ?? false}
            isGiven={isGiven}
            value={inside[key]}
            onChange={(next) => onChange({ ...inside, [key]: next })}
          />
        ))}
      </fieldset>
    )
  }
  if (schema.type === 'array' && !choicesOf(schema.items ?? {})) {
    return (
      <TextField
        label={label}
        value={Array.isArray(value) ? value.join(', ') : ''}
        hint={schema.description ?? say('commas')}
        autoComplete="off"
        onChange={(event) =>
          onChange(
            event.target.value
              .split(/[,\s]+/)
              .map((one) => one.trim())
              .filter((one, i, all) => one !== '' || i === all.length - 1),
          )
        }
      />
    )
  }
  if (schema.type === 'array') {
    const chosen = Array.isArray(value) ? (value as string[]) : []
    return (
      <fieldset className="mb-2">
        <legend className="mb-1 text-sm font-medium">{label}</legend>
        <div className="flex flex-wrap gap-4">
          {(choicesOf(schema.items ?? {}) ?? []).map((choice) => (
            <label key={choice} className="flex items-center gap-2">
              <input
                type="checkbox"
                className="size-4 accent-(--accent)"
                checked={chosen.includes(choice)}
                onChange={(event) =>
                  onChange(event.target.checked ? [...chosen, choice] : chosen.filter((one) => one !== choice))
                }
              />
              {choice}
            </label>
          ))}
        </div>
      </fieldset>
    )
  }
  const choices = choicesOf(schema)
  if (choices) {
    return (
      <SelectField
        label={label}
        value={typeof value === 'string' ? value : ''}
        placeholder="–"
        disabled={isGiven}
        choices={choices.map((choice) => ({ value: choice, label: choice }))}
        onChange={onChange}
      />
    )
  }
  const example = schema.examples?.[0]
  return (
    <TextField
      label={label}
      value={typeof value === 'string' ? value : ''}
      readOnly={isGiven}
      maxLength={schema.maxLength}
      autoComplete="off"
      hint={schema.description ?? (example ? `${example} …` : '')}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}

/** Any kind that one's roles may propose. */
export function ProposeButton() {
  const say = useApprovalWords()
  const [isOpen, setOpen] = useState(false)
  const [kind, setKind] = useState<string>()
  const { data } = useAsk('GET /approval-kinds')
  const kinds = (data ?? []).filter(({ makers }) => makers.length > 0)
  return (
    <>
      <Button small onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
        {say('new')}
      </Button>
      {isOpen && (
        <div className="basis-full">
          <fieldset className="flex flex-wrap justify-end gap-1.5" aria-label={say('chooseKind')}>
            {kinds.map((one) => (
              <KindChoice
                key={one.kind}
                kind={one}
                onChoose={() => {
                  setKind(one.kind)
                  setOpen(false)
                }}
              />
            ))}
          </fieldset>
        </div>
      )}
      {kind && <ProposeSheet kind={kind} onClose={() => setKind(undefined)} />}
    </>
  )
}

function KindChoice({ kind, onChoose }: { kind: Kind; onChoose: () => void }) {
  const words = useWords()
  const kinds = useKinds()
  const { may, roles } = useMay(`POST /approvals/${kind.kind}` as Route)
  return (
    <button
      type="button"
      disabled={!may}
      title={may ? undefined : words('needsRole', { roles: roles.join(', ') })}
      onClick={onChoose}
      className="rounded-full border border-edge/50 px-3 py-1 text-[13px] enabled:hover:border-accent enabled:hover:text-accent disabled:text-dim"
    >
      {kind.title || kinds(kind.kind)}
    </button>
  )
}
