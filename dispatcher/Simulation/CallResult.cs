namespace Pipeline.Dispatcher.Simulation;

/// <summary>What became of a call.</summary>
/// <param name="EndS">When it ended, seconds after the start of the run; negative: it was rejected.</param>
/// <param name="Cold">It began with a cold start.</param>
public readonly record struct CallResult(double EndS, bool Cold)
{
    public static CallResult Rejected => new(-1, false);

    public bool IsRejected => EndS < 0;
}
