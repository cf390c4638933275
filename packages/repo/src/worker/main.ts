import { serve } from '@art/core/worker/serve.ts'
import { jobs } from './jobs.ts'

serve(jobs)
