/** What Prisma knows of the models at run time; only what the extensions read. */
export interface RuntimeDataModel {
  readonly models: Readonly<Record<string, { readonly fields: readonly Field[] }>>
}

interface Field {
  readonly name: string
  readonly kind: string
  readonly type: string
}

/** The generated client keeps the models to itself; the name is checked, so that an update can't blind a walk. */
export function dataModelOf(client: object): RuntimeDataModel {
  const dataModel = (client as { _runtimeDataModel?: RuntimeDataModel })._runtimeDataModel
  if (dataModel?.models['Session'] === undefined) throw new Error('Prisma no longer has _runtimeDataModel.')
  return dataModel
}
