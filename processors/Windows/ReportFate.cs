namespace Pipeline.Processors.Windows;

/// <summary>What became of a report.</summary>
internal enum ReportFate
{
    /// <summary>It is in the step of its time.</summary>
    Counted,

    /// <summary>Its step is final.</summary>
    Late,

    /// <summary>A report of this VM with this sequence number is in the step already.</summary>
    Repeated,
}
