namespace Pipeline.Tests.Faults.Rig;

/// <summary>How a store takes one write.</summary>
internal enum InfluxMood
{
    /// <summary>204, and all is stored.</summary>
    Willing,

    /// <summary>400 to a batch, half of which is stored (1.x does so).</summary>
    BadRequest,

    Unauthorized,

    /// <summary>413 to a batch.</summary>
    TooLarge,

    /// <summary>422 to a batch.</summary>
    Unprocessable,

    /// <summary>429 with a Retry-After.</summary>
    TooMany,

    ServerError,

    Unavailable,

    /// <summary>The connection is cut; nothing is stored.</summary>
    CutsBefore,

    /// <summary>All is stored, then the connection is cut.</summary>
    StoresAndCuts,

    /// <summary>No answer ever, nothing stored.</summary>
    Hangs,

    /// <summary>All is stored, but there is no answer ever.</summary>
    StoresAndHangs,

    /// <summary>All is stored; the answer begins and does not go on.</summary>
    HangsInBody,
}
