package text

import "hash/maphash"

// FNV-1a, of 32 bits, and a last stirring so that the low bits alone are as good as all.
const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
)

// process is drawn once, so that all readers of a program agree on the keys of words, and nobody can make a word that has
// another's.
var process = maphash.MakeSeed()

// keyOf is a word's key: two words have the same once in 10^19.
func keyOf(word []byte) uint64 { return maphash.Bytes(process, word) }

// keyPrime is that of FNV-1a of 64 bits.
const keyPrime = 1099511628211

func seed(kind Kind) uint32 { return (fnvOffset ^ (uint32(kind) + 1)) * fnvPrime }

func stir(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

func hash(kind Kind, s string) uint32 {
	h := seed(kind)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * fnvPrime
	}
	return stir(h)
}

// join is the hash of two hashes in order.
func join(kind Kind, a, b uint32) uint32 {
	return stir((seed(kind)^a)*fnvPrime ^ b*0x9e3779b1)
}

// groups calls found with the hash of each run of from to to bytes.
func groups(kind Kind, letters []byte, from, to int, found func(hash uint32)) {
	for i := range letters {
		h := seed(kind)
		for n, c := range letters[i:min(i+to, len(letters))] {
			h = (h ^ uint32(c)) * fnvPrime
			if n+1 >= from {
				found(stir(h))
			}
		}
	}
}
