namespace Pipeline.Predictor.Training;

/// <summary>Linear warm-up, then a half cosine down to a fiftieth (Loshchilov and Hutter, "SGDR", 2017).</summary>
public static class LearningRate
{
    private const float Floor = 0.02f;

    /// <param name="step">Updates made before this one.</param>
    /// <param name="progress">Share of the training that is over, 0..1.</param>
    public static float At(TrainingOptions options, int step, double progress)
    {
        float rise = Math.Min(1f, (step + 1f) / Math.Max(options.WarmupSteps, 1));
        float fall = Floor + (1 - Floor) * 0.5f * (1 + (float)Math.Cos(Math.PI * Math.Clamp(progress, 0, 1)));
        return options.LearningRate * rise * fall;
    }
}
