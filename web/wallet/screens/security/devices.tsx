// Where the account is signed in, and signing a device out.

import { LaptopMinimal, Smartphone } from 'lucide-react'
import { useState } from 'react'
import type { DataOf } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { RowBody, rowsLook } from '../../../kit/ui/list.tsx'
import { Chip } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { useSecurityWords } from './security-words.ts'

type Device = DataOf<'GET /api/auth/devices'>[number]

export function DevicesScreen() {
  const say = useSecurityWords()
  const devices = useApi('GET /api/auth/devices')
  const [asked, setAsked] = useState<Device>()
  const { busy, error, run } = useAction()
  const kick = (device: Device) =>
    run(async () => {
      await api('POST /api/auth/devices/{id}/kick', { path: { id: device.id } })
      tellChanged('GET /api/auth/devices', 'GET /api/security/log')
      setAsked(undefined)
    })
  return (
    <Screen title={say('devices')} back="/app/security">
      {devices.data ? (
        <ul className={rowsLook}>
          {devices.data.map((device) => {
            const Icon = /iOS|Android/i.test(device.os) ? Smartphone : LaptopMinimal
            return (
              <li key={device.id} className="flex items-center gap-2">
                <RowBody
                  icon={<Icon aria-hidden className="size-[18px]" />}
                  title={
                    <span className="flex flex-wrap items-center gap-2">
                      {device.browser} · {device.os}
                      {device.is_current && <Chip tone="good">{say('thisDevice')}</Chip>}
                      {device.is_master && !device.is_current && <Chip>{say('master')}</Chip>}
                    </span>
                  }
                  about={
                    <>
                      <span className="figures">{device.ip}</span> · {say('lastSeen')} <When at={device.last_seen_at} />
                    </>
                  }
                />
                {!device.is_current && (
                  <Button small look="danger" onClick={() => setAsked(device)}>
                    {say('kick')}
                  </Button>
                )}
              </li>
            )
          })}
        </ul>
      ) : devices.error ? (
        <Problem error={devices.error} onRetry={() => void devices.refetch()} />
      ) : (
        <SkeletonRows count={3} />
      )}
      <Sheet
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={say('kickAsk')}
        about={asked && `${asked.browser} · ${asked.os}`}
      >
        <Problem error={error} />
        <Button look="danger" wide busy={busy} className="mt-3" onClick={() => asked && void kick(asked)}>
          {say('kick')}
        </Button>
      </Sheet>
    </Screen>
  )
}
