// Who I am: where the check stands, why it was turned away, and the form with its pictures.

import { BadgeCheck } from 'lucide-react'
import { useState } from 'react'
import { ApiError, isRefusal, read } from '../../../kit/api/http.ts'
import { api, askSigned } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { texts } from '../../../kit/language.ts'
import type { TakenPicture } from '../../../kit/picture.ts'
import { instantText } from '../../../kit/time.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { SelectField, TextArea, TextField } from '../../../kit/ui/field.tsx'
import { Empty, Facts } from '../../../kit/ui/list.tsx'
import { Chip, Notice } from '../../../kit/ui/notice.tsx'
import { PictureField } from '../../../kit/ui/picture-field.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'

const useWords = texts('identity', {
  title: ['实名认证', 'Identity'],
  why: ['完成后可提高提现额度并使用汇款。', 'It raises your limits and opens remittances.'],
  approved: ['已通过', 'Verified'],
  approvedAbout: ['您的身份已核实,无需再做任何事。', 'Your identity is verified. There is nothing left to do.'],
  pending: ['审核中', 'In review'],
  pendingAbout: ['通常在一个工作日内完成,结果会通知您。', 'Usually done within a working day; you will be told.'],
  rejected: ['未通过', 'Not passed'],
  again: ['重新提交', 'Submit again'],
  when: ['更新时间', 'Updated'],
  state: ['状态', 'State'],
  realName: ['真实姓名', 'Full name'],
  realNameHint: ['与证件完全一致', 'Exactly as on the document'],
  idType: ['证件类型', 'Document'],
  ID_CARD: ['身份证', 'Identity card'],
  PASSPORT: ['护照', 'Passport'],
  DRIVER_LICENSE: ['驾驶证', 'Driving licence'],
  RESIDENCE_PERMIT: ['居住证', 'Residence permit'],
  idNumber: ['证件号码', 'Document number'],
  address: ['常住地址', 'Home address'],
  contact: ['联系方式', 'Phone or e-mail'],
  front: ['证件正面', 'Front'],
  back: ['证件背面', 'Back'],
  submit: ['提交审核', 'Submit'],
  sealed: ['资料加密保存,仅用于身份核验。', 'What you send is stored encrypted, and used for this check alone.'],
})

const kinds = ['ID_CARD', 'PASSPORT', 'DRIVER_LICENSE', 'RESIDENCE_PERMIT'] as const
type Kind = (typeof kinds)[number]

export function IdentityScreen() {
  const say = useWords()
  const identity = useApi('GET /api/kyc/me')
  const [again, setAgain] = useState(false)
  const stage = identity.data?.stage2 ?? identity.data?.stage1
  const status = stage?.status
  return (
    <Screen title={say('title')} back="/app/me">
      {identity.isPending ? (
        <SkeletonRows count={4} />
      ) : identity.error ? (
        <Problem error={identity.error} onRetry={() => void identity.refetch()} />
      ) : status === 'approved' ? (
        <Empty icon={<BadgeCheck className="size-10 text-accent" strokeWidth={1.5} />} title={say('approved')}>
          {say('approvedAbout')}
        </Empty>
      ) : stage && status === 'pending' ? (
        <>
          <Notice title={say('pending')}>{say('pendingAbout')}</Notice>
          <Facts
            className="mt-3"
            facts={[
              { label: say('state'), value: <Chip tone="warn">{say('pending')}</Chip> },
              { label: say('when'), value: instantText(stage.updated_at) },
            ]}
          />
        </>
      ) : stage && status === 'rejected' && !again ? (
        <>
          <Notice tone="bad" title={`${say('rejected')}: ${stage.reason}`}>
            {stage.next_step}
          </Notice>
          <Button look="primary" wide className="mt-4" onClick={() => setAgain(true)}>
            {say('again')}
          </Button>
        </>
      ) : (
        <Form />
      )}
    </Screen>
  )
}

async function upload(picture: TakenPicture): Promise<string> {
  const form = new FormData()
  form.append('file', picture.blob, 'document.jpg')
  const data = (await read(await askSigned('POST', '/api/kyc/upload', { raw: form, patience: 120_000 }))) as {
    key: string
  }
  return data.key
}

function Form() {
  const say = useWords()
  const [kind, setKind] = useState<Kind>('ID_CARD')
  const [fields, setFields] = useState({ real_name: '', id_number: '', address: '', contact: '' })
  const [front, setFront] = useState<TakenPicture>()
  const [back, setBack] = useState<TakenPicture>()
  const { busy, error, run } = useAction()
  const needsBack = kind !== 'PASSPORT'
  const ready = Object.values(fields).every((value) => value.trim() !== '') && front && (!needsBack || back)
  const set = (name: keyof typeof fields) => ({
    value: fields[name],
    onChange: (event: { target: { value: string } }) => setFields({ ...fields, [name]: event.target.value }),
    error: wrongAt(error, name),
  })
  const submit = () =>
    run(async () => {
      if (!front) return
      const id_photo_front = await upload(front)
      const id_photo_back = needsBack && back ? await upload(back) : undefined
      await api('POST /api/kyc/basic', {
        body: { ...fields, id_type: kind, id_photo_front, ...(id_photo_back ? { id_photo_back } : {}) },
      })
      tellChanged('GET /api/kyc/me', 'GET /api/user/me')
    })
  return (
    <form
      className="space-y-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) void submit()
      }}
    >
      <p className="pb-2 text-dim">{say('why')}</p>
      <TextField
        label={say('realName')}
        hint={say('realNameHint')}
        autoComplete="name"
        maxLength={100}
        {...set('real_name')}
      />
      <SelectField
        label={say('idType')}
        value={kind}
        onChange={(next) => setKind(next as Kind)}
        choices={kinds.map((value) => ({ value, label: say(value) }))}
      />
      <TextField label={say('idNumber')} autoComplete="off" spellCheck={false} maxLength={40} {...set('id_number')} />
      <TextArea label={say('address')} autoComplete="street-address" rows={2} maxLength={200} {...set('address')} />
      <TextField label={say('contact')} autoComplete="tel" maxLength={100} {...set('contact')} />
      <PictureField
        label={say('front')}
        picture={front}
        onPicture={setFront}
        error={wrongAt(error, 'id_photo_front')}
      />
      {needsBack && (
        <PictureField label={say('back')} picture={back} onPicture={setBack} error={wrongAt(error, 'id_photo_back')} />
      )}
      <p className="text-sm text-dim">{say('sealed')}</p>
      {!isFieldError(error) && <Problem error={error} />}
      <Button type="submit" look="primary" wide busy={busy} disabled={!ready}>
        {say('submit')}
      </Button>
    </form>
  )
}

/** The server names the field that it refuses; its sentence stands there. */
export const wrongAt = (error: unknown, field: string): string | undefined =>
  error instanceof ApiError && error.details.pointer === `/${field}` ? error.message : undefined
export const isFieldError = (error: unknown): boolean =>
  isRefusal(error, 'InvalidParams', 'KYCInvalidFile') && typeof error.details.pointer === 'string'
