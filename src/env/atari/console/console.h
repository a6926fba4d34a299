// A game on the machine: what is pressed, what a frame pays, when a game is over, and the long way
// from switching on to the first frame that a player sees. Equal to ALE 0.12.1's environment.
#ifndef UP_ENV_ATARI_CONSOLE_H
#define UP_ENV_ATARI_CONSOLE_H

#include "env/atari/game/games.h"
#include "env/atari/machine/screen.h"

// What all instances of a game share; constant once it is open.
typedef struct UpAtariSystem {
    UpAtariGame game;
    UpAtariCart *cart;
    UpAtariMachine loaded;     // the ROM was loaded, the first reset is still to come
    double repeat_probability; // that a frame repeats the action of the frame before
    int mode, difficulty;      // in force from the first reset after loading on
    int64_t frames_max;        // of an episode, 0: any number
} UpAtariSystem;

// One game. Everything that its future depends on, but for what a screen remembers.
typedef struct UpAtariConsole {
    UpAtariMachine machine;
    UpAtariMachine before; // the machine before its last frame, to show that frame after all
    UpMt19937 random;      // of sticky actions
    int32_t var[UP__RULE_VARS];
    int32_t paddle; // resistance of the player's paddle
    int32_t action; // that a sticky frame repeats
    int32_t mode, difficulty;
    int64_t episode_frames;
} UpAtariConsole;

// What a screen remembers, without the pictures: they can be drawn again.
typedef struct UpAtariNotes {
    UpAtariMachine before[2][2];
    uint8_t newest[2];
    uint8_t was_short;
} UpAtariNotes;

// Reads the rules and the ROM of a game: mode and difficulty are ALE's defaults, nothing is sticky.
UpStatus up__atari_system_open(UpAtariSystem *system, const char *name);
void up__atari_system_close(UpAtariSystem *system);

// ALE's loadROM after setInt("random_seed", seed): a new machine in the default mode, reset once;
// then the system's mode and difficulty are set. false: as below.
bool up__atari_console_load(UpAtariConsole *console, const UpAtariSystem *system,
                            UpAtariScreen *screen, uint32_t seed);

// ALE's reset_game. false: the console script does not come to its end, which only a damaged state
// can bring about.
bool up__atari_console_reset(UpAtariConsole *console, const UpAtariSystem *system,
                             UpAtariScreen *screen);

// ALE's act() with frame_skip = 1: draws whether the action sticks, then plays a frame unless the
// game is over, and returns its reward. `rows` of the frame are drawn, none where it is NULL.
int up__atari_console_act(UpAtariConsole *console, const UpAtariSystem *system,
                          UpAtariScreen *screen, int action, const UpAtariRows *rows);

// Draws these rows of the last frame that was played after all.
void up__atari_console_show(UpAtariConsole *console, const UpAtariSystem *system,
                            UpAtariScreen *screen, const UpAtariRows *rows);

// Notes of a screen, and a screen from notes: together with the console they are a saved game.
void up__atari_console_notes(const UpAtariScreen *screen, UpAtariNotes *notes);
void up__atari_console_recall(UpAtariScreen *screen, const UpAtariNotes *notes);

bool up__atari_console_terminal(const UpAtariConsole *console, const UpAtariSystem *system);
bool up__atari_console_truncated(const UpAtariConsole *console, const UpAtariSystem *system);
int up__atari_console_lives(const UpAtariConsole *console, const UpAtariSystem *system);

// Can a game come to this? What is played or drawn must be safe, and files may say anything.
bool up__atari_console_possible(const UpAtariConsole *console, const UpAtariNotes *notes,
                                const UpAtariSystem *system);

#endif
