// Saves an SVG with a title and a line below it as a PNG: a QR code to show or print.

export async function savePicture(svg: SVGElement | null, title: string, line: string): Promise<void> {
  if (!svg) return
  const size = 640
  const canvas = document.createElement('canvas')
  canvas.width = size + 80
  canvas.height = size + 200
  const draw = canvas.getContext('2d')
  if (!draw) return
  const copy = svg.cloneNode(true) as SVGElement
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(size))
  copy.setAttribute('height', String(size))
  const address = URL.createObjectURL(
    new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' }),
  )
  const picture = new Image()
  picture.src = address
  await picture.decode()
  draw.fillStyle = '#fff'
  draw.fillRect(0, 0, canvas.width, canvas.height)
  draw.drawImage(picture, 40, 40, size, size)
  URL.revokeObjectURL(address)
  draw.fillStyle = '#191c1a'
  draw.textAlign = 'center'
  draw.font = '600 30px sans-serif'
  draw.fillText(title, canvas.width / 2, size + 100)
  draw.font = '22px monospace'
  draw.fillText(line, canvas.width / 2, size + 145, size)
  const link = document.createElement('a')
  link.download = `${title.replaceAll(' ', '-').toLowerCase()}.png`
  link.href = canvas.toDataURL('image/png')
  link.click()
}
