"""Points inside messages: sensor_msgs/PointCloud2 and foxglove.PointCloud, which number their field types alike.

Source: https://docs.ros2.org/latest/api/sensor_msgs/msg/PointCloud2.html
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thenar.errors import BadInput

_FLOATS: Final = {7: "f4", 8: "f8"}


def is_cloud(schema: str) -> bool:
    """Whether messages of this schema hold packed points."""
    return schema.rsplit("/", 1)[-1] in ("PointCloud2", "foxglove.PointCloud")


def cloud_points(message: Any) -> NDArray[np.float64]:
    """The x, y, z of every point with a return, shape (n, 3). Raises BadInput when the packing contradicts itself."""
    step = int(getattr(message, "point_step", 0) or getattr(message, "point_stride", 0))
    data = bytes(message.data)
    order = ">" if getattr(message, "is_bigendian", False) else "<"
    places = {field.name: (field.offset, getattr(field, "datatype", None) or field.type) for field in message.fields}
    if not {"x", "y", "z"} <= set(places) or step <= 0 or len(data) % step:
        raise BadInput("a point cloud message does not say where its x, y and z are")
    columns = []
    for axis in "xyz":
        offset, kind = places[axis]
        if kind not in _FLOATS or not 0 <= offset <= step - int(_FLOATS[kind][1]):
            raise BadInput("a point cloud message packs its coordinates as something other than floats")
        packed = np.dtype({"names": ["v"], "formats": [order + _FLOATS[kind]], "offsets": [offset], "itemsize": step})
        columns.append(np.frombuffer(data, dtype=packed)["v"].astype(np.float64))
    points = np.stack(columns, axis=1)
    return points[np.isfinite(points).all(axis=1)]
