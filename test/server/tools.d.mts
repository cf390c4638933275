export declare const TOOLS: string
export declare function findServer(name: 'versitygw' | 'minio' | 'moto'): string | undefined
