// Pictures of documents before they are sent: smaller, as JPEG, and looked at for what would only be sent back.
// Must stay true: a warning is only a warning; whoever sends it anyway may.

export interface TakenPicture {
  blob: Blob
  /** For showing it; to be let go of with URL.revokeObjectURL. */
  url: string
  trouble: 'small' | 'blurred' | 'glare' | 'dark' | undefined
}

const LONGEST = 1_800

export async function takePicture(file: Blob): Promise<TakenPicture> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(picture.width * scale)
  canvas.height = Math.round(picture.height * scale)
  const draw = canvas.getContext('2d', { willReadFrequently: true })
  if (!draw) throw new Error('this browser cannot draw')
  draw.drawImage(picture, 0, 0, canvas.width, canvas.height)
  const small = picture.width < 600 || picture.height < 380
  const trouble = small ? 'small' : troubleOf(draw.getImageData(0, 0, canvas.width, canvas.height))
  picture.close()
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.86))
  if (!blob) throw new Error('this browser cannot make a JPEG')
  return { blob, url: URL.createObjectURL(blob), trouble }
}

/** By the brightness of every fourth pixel: too dark, washed out, or without an edge. */
function troubleOf({ data, width, height }: ImageData): TakenPicture['trouble'] {
  const at = (x: number, y: number) => {
    const i = (y * width + x) * 4
    return 0.3 * (data[i] ?? 0) + 0.59 * (data[i + 1] ?? 0) + 0.11 * (data[i + 2] ?? 0)
  }
  let [count, sum, white, edges] = [0, 0, 0, 0]
  for (let y = 2; y < height - 2; y += 4) {
    for (let x = 2; x < width - 2; x += 4) {
      const here = at(x, y)
      const edge = 4 * here - at(x - 1, y) - at(x + 1, y) - at(x, y - 1) - at(x, y + 1)
      count++
      sum += here
      if (here > 250) white++
      edges += edge * edge
    }
  }
  if (sum / count < 45) return 'dark'
  if (white / count > 0.45) return 'glare'
  return edges / count < 18 ? 'blurred' : undefined
}

export async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ''
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(text)
}
