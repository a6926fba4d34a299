"""A short round of tools/check_native_envs.py on MuJoCo's tasks, past an episode's 1000 steps; exit
code 77 where Gymnasium or MuJoCo is not installed."""

import importlib.util
import os
import subprocess
import sys

if not importlib.util.find_spec("mujoco") or not importlib.util.find_spec("gymnasium"):
    print("skipped: MuJoCo or Gymnasium is not installed")
    sys.exit(77)
tool = os.path.join(os.environ["UP_SOURCE_DIR"], "tools", "check_native_envs.py")


def check(*arguments):
    subprocess.run([sys.executable, tool, *arguments, os.environ["UPHILL"]], check=True)


check("--mujoco", "--seeds", "1", "--steps", "1003")
# Keywords of every kind: numbers, truth values, ranges, the frame skip, another model.
for env, options in (
    ("Ant-v5", "frame_skip=2;main_body=3;healthy_z_range=(0.4, 0.9);contact_force_range=(-0.5,2);"
               "include_cfrc_ext_in_observation=False;ctrl_cost_weight=0.3"),
    ("Humanoid-v5", "include_cinert_in_observation=False;include_qfrc_actuator_in_observation=False;"
                    "contact_cost_range=(-inf, 1e-4);contact_cost_weight=1e-3"),
    ("HumanoidStandup-v5", "include_cvel_in_observation=False;impact_cost_weight=1e-3"),
    ("Hopper-v5", "terminate_when_unhealthy=False;exclude_current_positions_from_observation=False"),
    ("Walker2d-v5", "xml_file=walker2d.xml;healthy_reward=0.3"),
    ("Reacher-v5", "reward_dist_weight=2;reward_control_weight=0.7"),
):
    check("--env", env, "--seeds", "1", "--steps", "120", "--options", options)
