# `uphill experiment mujoco-nine`, a hundredth of its length: nine figures, eighteen rows.
. "$(dirname "$0")/uphill.sh"
"$UPHILL" rollout Hopper-v5 --steps 1 --csv /dev/null >out 2>&1 || { echo "skipped: $(cat out)"; exit 77; }
"$UPHILL" doctor >doctor

"$UPHILL" experiment mujoco-nine --out nine --seeds 1 --percent 1 >out 2>err || complain "$(cat out err)"
[ "$(grep -c 'mean return of the last 100' nine/summary.csv)" -eq 18 ] || complain "not 18: $(cat nine/summary.csv)"
[ "$(grep -c ',done,$' nine/*/sweep.csv | grep -c ':1$')" -eq 18 ] || complain "not eighteen runs"
says '^algo = trpo$' nine/walker2d-trpo/runs/001-seed1/config.ini
says '^id = Humanoid-v5$' nine/humanoid-ppo/runs/001-seed1/config.ini
! grep -q '^ *ok *cairo' doctor || [ "$(ls nine/*.svg | wc -l)" -eq 9 ] || complain "not nine figures"

[ $failures -eq 0 ]
