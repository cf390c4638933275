export { parseModelsFile } from './models-file/models-file.ts'
export { assignmentsOf, greatest, readLedger, releasesOf, stagesOf } from './tag/ledger.ts'
