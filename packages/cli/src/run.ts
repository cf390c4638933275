import { dispatch } from './dispatch.ts'

void dispatch(process.argv.slice(2)).then((code) => process.exit(code))
