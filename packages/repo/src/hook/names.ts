export const HOOKS = ['pre-commit', 'post-checkout', 'post-merge', 'pre-push'] as const
export type HookName = (typeof HOOKS)[number]

export function isHookName(name: string): name is HookName {
  return (HOOKS as readonly string[]).includes(name)
}
