export { checkLock, type LockCheck, type LockedUses } from './check-lock.ts';
export { applyLock, type Locked, type LockInput, type LockMode } from './apply-lock.ts';
export { emptyLock, lockName, printLock, readLock, type Binding, type Lock, type LockedFile, type LockedVerdict } from './lock.ts';
export { lockUriOf } from './lock-place.ts';
