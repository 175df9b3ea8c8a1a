extension Recognizer {
  /// `progress.csv` and `progress.json` of Stable-Baselines3.
  static let stableBaselines3 = Recognizer(
    "stable_baselines3",
    "Stable-Baselines3",
    rules: [
      Rule("rollout/ep_rew_mean", "training_episode_reward_mean", "Mean reward of the latest episodes"),
      Rule("rollout/ep_len_mean", "training_episode_length_mean", "Mean length of the latest episodes, in steps"),
      Rule(
        "rollout/success_rate",
        "training_success_ratio",
        "Share of the latest episodes that succeeded",
        unit: "ratio"
      ),
      Rule(
        "eval/mean_reward",
        "evaluation_episode_reward_mean",
        "Mean reward of the episodes of the evaluation",
        phase: .evaluation
      ),
      Rule(
        "eval/mean_ep_length",
        "evaluation_episode_length_mean",
        "Mean length of the episodes of the evaluation, in steps",
        phase: .evaluation
      ),
      Rule("time/total_timesteps", "training_step", "Steps taken in the environments", role: .step),
      Rule("time/fps", "training_steps_per_second", "Steps in a second, since the start"),
      Rule(
        "time/iterations",
        "training_iterations_total",
        "Iterations, each a rollout and a training",
        from: "running_total"
      ),
      Rule("time/time_elapsed", "training_elapsed_seconds", "Time since the start of the run", unit: "seconds"),
      Rule("train/n_updates", "training_updates_total", "Updates of the policy", from: "running_total"),
      Rule(
        "train/explained_variance",
        "training_explained_variance_ratio",
        "Share of the return's variance that the value function explains",
        unit: "ratio"
      ),
      Rule(
        "train/clip_fraction",
        "training_clip_fraction_ratio",
        "Share of the samples that were clipped",
        unit: "ratio"
      ),
      Rule("train/clip_range", "training_clip_range", "How far the ratio of policies may go before it is clipped"),
      Rule("train/approx_kl", "training_kl_divergence", "Approximate divergence of the new policy from the old"),
      Rule("train/std", "training_policy_deviation", "Standard deviation of the policy's noise"),
    ],
    matches: { $0.has("time/total_timesteps") && ($0.has("time/iterations") || $0.has("time/fps")) }
  )

  /// `monitor.csv` of Stable-Baselines3 and Gym: a row for each episode.
  static let stableBaselines3Monitor = Recognizer(
    "monitor",
    "Monitor of environments",
    rules: [
      Rule("r", "training_episode_reward", "Reward of the latest episode"),
      Rule("l", "training_episode_length", "Length of the latest episode, in steps"),
      Rule("t", "training_elapsed_seconds", "Time since the environment began", unit: "seconds"),
    ],
    matches: { $0.format == "csv" && $0.has("r", "l", "t") }
  )

  /// `progress.csv` and `result.json` of RLlib and Tune.
  static let rllib = Recognizer(
    "rllib",
    "Ray Tune",
    rules: [
      Rule("timesteps_total", "training_step", "Steps taken in the environments", role: .step),
      Rule("training_iteration", "training_iteration", "Iterations of the trainable"),
      Rule("time_this_iter_s", "training_iteration_seconds", "Time of the latest iteration", unit: "seconds"),
      Rule("time_total_s", "training_elapsed_seconds", "Time of all iterations", unit: "seconds"),
      Rule(leavingOut: "time_since_restore", "`time_total_s` says it, too"),
      Rule(leavingOut: "iterations_since_restore", "`training_iteration` says it, too"),
      Rule(leavingOut: "timesteps_since_restore", "`timesteps_total` says it, too"),
    ],
    matches: { $0.has("training_iteration", "time_total_s") }
  )
}
