/**
 * A text as one frame of a WebSocket, as a server sends it: whole, and without a mask (RFC 6455, section 5.2).
 *
 * @param parts the text's bytes, one part behind the other
 */
export function textFrame(...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const headLength = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headLength + length)
  writeHead(frame, length)
  let end = headLength
  for (const part of parts) {
    frame.set(part, end)
    end += part.length
  }
  return frame
}

/** The last frame of its message, text; a length of 126 or 127 says that the real one stands behind it. */
function writeHead(frame: Buffer, length: number): void {
  frame[0] = 0x81
  if (length < 126) frame[1] = length
  else if (length < 65_536) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
}
