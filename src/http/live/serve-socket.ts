import { CloseCode, type Server } from 'graphql-ws'
import type { WebSocket } from 'ws'

export interface ServeOptions<Extra> {
  /** What graphql-ws knows of the WebSocket besides. */
  readonly extra: Extra
  /** In milliseconds: a client that doesn't answer a ping until the next one is gone. */
  readonly heartbeat: number
  /** Is told what nobody foresaw. */
  readonly failed: (error: unknown) => void
}

/**
 * Has graphql-ws serve a WebSocket. Its own adapter writes to standard error whatever clients do: they break off, or send more
 * than they may, for which ws closes the connection with the code that says so.
 */
export function serveSocket<Extra>(
  server: Server<Extra>,
  socket: WebSocket,
  { extra, heartbeat, failed }: ServeOptions<Extra>,
): void {
  socket.on('error', () => {})
  let isThere = true
  socket.on('pong', () => {
    isThere = true
  })
  const beating = setInterval(() => {
    if (!isThere) return socket.terminate()
    isThere = false
    socket.ping()
  }, heartbeat)
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send: (data) =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) return resolve()
          socket.send(data, (error) => (error ? reject(error) : resolve()))
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (take) =>
        socket.on('message', (message: Buffer) => {
          take(message.toString()).catch((error: unknown) => {
            // Of those who are gone, nothing is expected.
            if (socket.readyState !== socket.OPEN) return
            failed(error)
            socket.close(CloseCode.InternalServerError, 'The server failed. Come back in some seconds.')
          })
        }),
    },
    extra,
  )
  socket.once('close', (code, reason) => {
    clearInterval(beating)
    closed(code, reason.toString()).catch(failed)
  })
}
