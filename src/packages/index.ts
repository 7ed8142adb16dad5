export { checkLock, type LockCheck, type LockedUses } from './check-lock.ts';
export { applyLock, type Locked, type LockInput, type LockMode } from './apply-lock.ts';
export { emptyLock, lockName, printLock, readLock, type Binding, type Lock, type LockedFile, type LockedProbe, type LockedSpace, type LockedVerdict, type MeasuredBounds } from './lock.ts';
export { lockUriOf } from './lock-place.ts';
