# `uphill plot`: what is drawn without being asked, which runs make a line, and what they are called.
. "$(dirname "$0")/uphill.sh"
"$UPHILL" doctor >doctor
grep -q '^ *ok *cairo' doctor || { echo "skipped: no cairo"; exit 77; }

# of FILE PATTERN, not_of FILE PATTERN: the picture has such text, or none.
of() { grep -Eq -- "$2" "$1" || complain "$1 does not show \"$2\""; }
not_of() { ! grep -Eq -- "$2" "$1" || complain "$1 shows \"$2\""; }

# learn FOLDER ARGUMENTS…
learn() {
    local folder=$1
    shift
    run train CartPole-v1 --steps 2048 --envs 2 --set rollout.steps=128 --run-dir "$folder" --quiet "$@"
}
learn a1 --seed 1
learn a2 --seed 2 --threads 1 --set train.keep=3
learn b1 --seed 1 --set optim.learning_rate=0.01
learn c1 --seed 1 --algo a2c

# --- seeds are one line, another setting is another, whatever it is
run plot a1 a2 --out seeds.svg
of seeds.svg '<title>ppo on CartPole-v1</title>'
of seeds.svg '>ppo \(2 runs\)</text>'
of seeds.svg '>mean return of the last 100 episodes</text>'
of seeds.svg '95 % bootstrap interval'
run plot a1 a2 b1 --out rates.svg
of rates.svg '>optim.learning_rate=0.01</text>'
of rates.svg '>optim.learning_rate=[0-9.e-]+ \(2 runs\)</text>'
run plot a1 a2 b1 c1 --out algos.svg
of algos.svg '<title>CartPole-v1</title>'
of algos.svg '>ppo, optim.learning_rate=0.01</text>'
of algos.svg '>a2c</text>'
not_of algos.svg '3 runs'

# --- what is asked for
"$UPHILL" plot a1 a2 b1 c1 --group train.algo --out asked.svg >out 2>err || complain "--group fails"
says 'is a mean over runs that differ in optim.learning_rate, as --group asks' err
of asked.svg '>ppo \(3 runs\)</text>'
run plot a1 a2 --group run --label "first <one>" --label second --title "A & B" --target 30 --out named.svg
of named.svg '>first &lt;one&gt;</text>'
of named.svg '<title>A &amp; B</title>'
of named.svg '>target 30</text>'
run plot a1 a2 --average iqm --y running_reward --x episodes --out iqm.svg
of iqm.svg '>interquartile mean of the runs'
of iqm.svg '>running reward</text>'
refused 2 '--group optim.learning_rat: no run has this option; did you mean optim.learning_rate\?' \
    plot a1 --group optim.learning_rat
refused 2 '--label is given 1 time for 2 lines: "ppo", "a2c"' plot a1 c1 --label x
refused 2 '--label x names two lines' plot a1 c1 --label x --label x
refused 2 '--target high: it must be a number, or none' plot a1 --target high
refused 2 '--average median: it is mean, or iqm' plot a1 --average median

# --- the runs' own target, where they agree on one
for s in 1 2; do learn "t$s" --seed "$s" --target 400; done
run plot t1 t2 --out target.svg
of target.svg '>target 400</text>'
run plot t1 t2 --target none --out target.svg
not_of target.svg 'target'
run plot t1 a1 --out target.svg
of target.svg '>train.target=400</text>'
not_of target.svg '>target '

# --- evaluations, where every run has some; whether a run was evaluated makes no other line of it
for s in 1 2; do learn "e$s" --seed "$s" --set eval.every=512 --set eval.episodes=2; done
run plot e1 e2 --out evals.svg
of evals.svg '>mean return of the evaluations</text>'
run plot e1 a2 --out mixed.svg
of mixed.svg '>mean return of the last 100 episodes</text>'
of mixed.svg '>ppo \(2 runs\)</text>'

[ $failures -eq 0 ]
