namespace Pipeline.Predictor.Explanation;

/// <summary>A part of what a forecast was made from, and the forecast without it (occlusion; Zeiler and Fergus 2014).</summary>
/// <param name="Kind">What sort of part it is.</param>
/// <param name="Name">In words; of a neighbour, its VM.</param>
/// <param name="PeakQuantile">[H, Q] of the forecast without it.</param>
/// <param name="Busy">[H]: probability of becoming busy without it.</param>
public sealed record Driver(DriverKind Kind, string Name, float[] PeakQuantile, float[] Busy)
{
    /// <summary>Of a neighbour: its correlation with the VM.</summary>
    public float Weight { get; init; } = float.NaN;

    /// <summary>Of a neighbour: its own utilisation when the forecast was made, the newest known; NaN: none is.</summary>
    public float Utilization { get; init; } = float.NaN;
}

/// <summary>Sorts of drivers.</summary>
public enum DriverKind
{
    /// <summary>All own reports of the window, or the newest of them.</summary>
    OwnReports,

    /// <summary>One signal of the window.</summary>
    Signal,

    /// <summary>A group of features.</summary>
    Features,

    /// <summary>All neighbours together.</summary>
    Neighbours,

    /// <summary>One neighbour.</summary>
    Neighbour,

    /// <summary>All of it: what is left is what the model holds likely of any VM.</summary>
    Everything,
}
