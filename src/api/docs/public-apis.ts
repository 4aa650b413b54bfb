// Which API an address belongs to, and each API's own part of the OpenAPI document.
// Must stay true: an address below one of these prefixes is in exactly one of the documents; the console's is in none.

export const publicApis = ['app', 'spot', 'ramp', 'platform'] as const
export type PublicApi = (typeof publicApis)[number]

const where: Record<PublicApi, RegExp> = {
  app: /^\/api\/(?!spot\/)/,
  spot: /^\/api\/spot\//,
  ramp: /^\/(?:user|transaction)\//,
  platform: /^\/platformapi\//,
}

const about: Record<PublicApi, { title: string; description: string }> = {
  app: {
    title: 'UniPay app API',
    description: '客户钱包接口 / A customer’s own wallet: docs/api/app.md',
  },
  spot: {
    title: 'UniPay spot API',
    description: '客户程序接口(API 密钥签名)/ Customers’ programs, by API key: docs/api/spot.md',
  },
  ramp: {
    title: 'UniPay ramp API',
    description: '出入金合作方接口 / Partners that move fiat in and out: docs/api/ramp.md',
  },
  platform: {
    title: 'UniPay platform API',
    description: '商家开放平台接口(加密并签名)/ Merchants, encrypted and signed: docs/api/platform.md',
  },
}

export const apiOfAddress = (address: string): PublicApi | undefined =>
  publicApis.find((api) => where[api].test(address))

interface Named {
  operationId?: string
}

/** The document with an operationId for each operation: what is served by two verbs is named after the second one as well. */
export function withOwnIds<D extends { paths?: object }>(document: D): D {
  const used = new Set<string>()
  const named = (verb: string, operation: Named): Named => {
    const { operationId } = operation
    if (operationId === undefined || !used.has(operationId)) {
      if (operationId !== undefined) used.add(operationId)
      return operation
    }
    const own = `${operationId}By${verb[0]?.toUpperCase()}${verb.slice(1)}`
    used.add(own)
    return { ...operation, operationId: own }
  }
  const paths = Object.entries((document.paths ?? {}) as Record<string, Record<string, Named>>).map(
    ([address, verbs]) => [
      address,
      Object.fromEntries(Object.entries(verbs).map(([verb, operation]) => [verb, named(verb, operation)])),
    ],
  )
  return { ...document, paths: Object.fromEntries(paths) }
}

interface Described {
  paths?: Record<string, unknown>
  info: object
  components?: { securitySchemes?: Record<string, unknown> }
}

export function documentOf<D extends Described>(document: D, api: PublicApi): D {
  const paths = Object.fromEntries(
    Object.entries(document.paths ?? {}).filter(([address]) => apiOfAddress(address) === api),
  )
  const used = JSON.stringify(Object.values(paths).flatMap((verbs) => Object.values(verbs as object).map(securityOf)))
  const schemes = Object.entries(document.components?.securitySchemes ?? {}).filter(([name]) =>
    used.includes(`"${name}"`),
  )
  return {
    ...document,
    info: { ...document.info, ...about[api] },
    components: { ...document.components, securitySchemes: Object.fromEntries(schemes) },
    paths,
  }
}

const securityOf = (operation: unknown) => (operation as { security?: unknown }).security ?? []
