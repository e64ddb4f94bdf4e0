namespace Pipeline.Dispatcher.Simulation;

/// <summary>What became of a call: it ended, was rejected, or was given up after all its attempts were lost with their VMs.</summary>
/// <param name="EndS">When its end was known, seconds after the start of the run; negative: it was rejected or given up; NaN: it is under way.</param>
/// <param name="Cold">It began with a cold start.</param>
public readonly record struct CallResult(double EndS, bool Cold)
{
    public static CallResult Rejected => new(-1, false);

    public static CallResult GivenUp => new(-2, false);

    public static CallResult UnderWay => new(double.NaN, false);

    /// <summary>It never ended: rejected or given up.</summary>
    public bool IsRejected => EndS < 0;

    public bool IsGivenUp => EndS == -2;

    /// <summary>It has its answer.</summary>
    public bool IsAnswered => !double.IsNaN(EndS);
}
