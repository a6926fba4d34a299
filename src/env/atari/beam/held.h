// What came out of the last frame in the same buffer: the television chip as each row began, all
// writes, and which latches a row sets. A row comes out as it did if the same writes find the same
// chip; of an object that is off for all of the row, nothing is looked at.
#ifndef UP_ENV_ATARI_HELD_H
#define UP_ENV_ATARI_HELD_H

#include "env/atari/tia/tia.h"

// In which respects the chip is not what it was.
enum {
    UP__DIFFERS_SCORE = 1 << UP__PF, // beside the objects' bits: the players' colours
    UP__DIFFERS_COPY = 8,            // players' and ball's bits by so many to the left: old copies
    UP__DIFFERS = 1 << 16,           // in what shows for certain
    UP__DIFFERS_DELAY = 1 << 17,     // in whether old copies show
    UP__DIFFERS_OLD = (UP__PLAYER_0 | UP__PLAYER_1 | UP__BALL) << UP__DIFFERS_COPY,
};

typedef struct UpHeldByte {
    uint8_t place, change; // of a state's byte, by exclusive or
} UpHeldByte;

// How the chip differs from what it was, if not for certain: as a row begins,
//
//      chip then   GRP0 = 3C                          player 0 at 40
//      chip now    GRP0 = 3C                          player 0 at 43
//      writes      …   COLUBK   …   GRP0   …   RESP0  …            the same in both frames
//                                   ^          ^
//      seen_in     player 0: the row comes out otherwise if player 0 shows in it
//      ended_by    RESP0, which looks at where the player is: from there on nothing is known
//      undone_by   nothing; of a colour, say, the next write to it: from there on all is as it was
//
// Rows that show nothing of `seen_in` and have no write of `ended_by` are passed, and behind each
// the difference is what the writes of `undone_by` leave of it.
typedef struct UpHeldDifference {
    unsigned seen_in;                 // objects, and the bits above
    unsigned moved;                   // objects that stand elsewhere …
    uint8_t offset[UP__HELD_MOVABLE]; // … so many pixels farther to the right
    uint64_t ended_by, undone_by;     // writes, a bit for each register
    int count;                        // bytes that are others
    UpHeldByte byte[UP__HELD_STATE];
} UpHeldDifference;

// The chip as the row of this clock begins, and back.
void up__held_state(const UpAtariTia *tia, int32_t line, uint8_t state[UP__HELD_STATE]);
void up__held_restore(UpAtariTia *tia, int32_t line, const uint8_t state[UP__HELD_STATE]);
// What makes `state` of what the chip was as a row began; and that.
void up__held_compare(const UpAtariHeld *held, int row, const uint8_t state[UP__HELD_STATE],
                      UpHeldDifference *difference);
void up__held_state_of(const UpAtariHeld *held, int row, const UpHeldDifference *difference,
                       uint8_t state[UP__HELD_STATE]);
// What is left of it after these writes.
void up__held_undo(UpHeldDifference *difference, uint64_t written);
// Players and ball that are not empty, old copies included.
unsigned up__held_filled(const uint8_t state[UP__HELD_STATE]);
// Whether it shows for certain after all, by what the chip is now: UP__DIFFERS.
void up__held_judge(UpHeldDifference *difference, const uint8_t state[UP__HELD_STATE]);
// Holds another state for a row; and for rows first … end - 1 what the difference makes of them.
void up__held_save(UpAtariHeld *held, int row, const uint8_t state[UP__HELD_STATE]);
void up__held_shift(UpAtariHeld *held, int first, int end, const UpHeldDifference *difference);

#endif
